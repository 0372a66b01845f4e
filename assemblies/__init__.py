"""Who belongs where: the assemblies and how they nest, participation, eligibility, offices."""
