"""
The exception tree of the package.

Roots are named by who must act::

    LensError
    ├── UsageError                 the author of the test
    │   └── BudgetError            a budget that cannot be read or contradicts itself
    ├── ConfigurationError         whoever set up the project or the machine
    │   ├── MissingBaseline        a baseline was named that nobody has saved
    │   ├── MissingExtra           an optional library is not installed
    │   └── PriceUnknown           a sum of money was asked for, and a price is missing
    ├── ProviderError              the remote side
    ├── CaptureError               us, while observing; noted on a sample, never raised into a call
    │   └── DecodeError            a body that its protocol cannot read
    ├── EmptyAggregate             a statistic of nothing was asked for
    ├── BudgetBroken               a verdict, raised inside a test body (also an AssertionError)
    └── LensWarning                the category of our warnings, raised only where a filter asks

``CostCapReached`` stands beside the tree, because it is no ``Exception``: what an SDK catches, it
would send again.
"""

__all__ = [
    "BudgetBroken",
    "BudgetError",
    "CaptureError",
    "ConfigurationError",
    "CostCapReached",
    "DecodeError",
    "EmptyAggregate",
    "LensError",
    "LensWarning",
    "MissingBaseline",
    "MissingExtra",
    "PriceUnknown",
    "ProviderError",
    "UsageError",
]


class LensError(Exception):
    """Base of every exception that this package raises."""


class UsageError(LensError):
    """The test asks for something that has no meaning; the message names the fix."""


class BudgetError(UsageError):
    """A budget has an unknown word, a wrong unit or contradicts another one."""


class ConfigurationError(LensError):
    """An option, file or environment value cannot be used; the message names it."""


class MissingBaseline(ConfigurationError):  # noqa: N818 - reads as the condition it names
    """A baseline was named that does not exist; the message gives the command that makes it."""


class MissingExtra(ConfigurationError):  # noqa: N818 - reads as the condition it names
    """An optional library is needed; the message gives the command that installs it."""


class PriceUnknown(ConfigurationError):  # noqa: N818 - reads as the condition it names
    """The cost of a call is unknown; the message says how to give it a price."""


class ProviderError(LensError):
    """The provider could not be asked, or answered with a failure."""


class CaptureError(LensError):
    """Observing went wrong. Noted on the sample; the user's call goes on."""


class DecodeError(CaptureError):
    """A response body does not follow its wire protocol."""


class EmptyAggregate(LensError, ValueError):  # noqa: N818 - reads as the condition it names
    """A statistic was asked of an aggregate that holds no value."""


class BudgetBroken(LensError, AssertionError):  # noqa: N818 - reads as the verdict it carries
    """A budget given to ``lens.profile`` did not hold."""


class LensWarning(LensError, UserWarning):  # noqa: N818 - a category of warnings
    """
    A budget cannot be settled, or was not.

    A pass that is impossible with so few runs is told before the first; a test that passed
    although its runs left a budget open is told at its end. Filter it by this category.
    """


class CostCapReached(BaseException):
    """A call could have brought the session above ``--lens-max-cost`` and was not sent."""
