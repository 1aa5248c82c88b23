"""The components that come with the core, through the same hooks as everybody's."""
