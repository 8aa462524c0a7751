"""Deployments and versions of process definitions, and the gate that a file must pass to become one."""
