"""Integrations: what other tools write, read; and what they read, written. One package a tool."""
