"""Bridges to other libraries, one file each; what a bridge needs is imported by it alone."""
