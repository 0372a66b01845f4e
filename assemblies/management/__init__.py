"""Commands of the assemblies."""
