"""Plugins found, loaded each alone, listed, checked, and begun."""
