"""The pages of a case: what members read, what those who run it do, and what the applicant answers."""
