"""The letter that ends a case, and what the review of a bar found, are posted like any other letter."""

from typing import Any

from django.db import migrations, models

ABOUT_INVITATIONS = ("invitation", "barred", "reviewed")
ABOUT_THE_APPLICATION = ("not_genuine", "withdrawn", "erased", "letter")


def have_posted(apps: Any, _schema_editor: Any) -> None:
    """Letters that were made before and not posted yet."""
    letters = apps.get_model("defections", "Letter").objects.filter(by_post=True, posted_at=None)
    rows = apps.get_model("defections", "PostalLetter").objects
    for letter in letters:
        rows.create(application_id=letter.application_id, kind="letter", needed_at=letter.sent_at)


class Migration(migrations.Migration):
    dependencies = [
        ("defections", "0014_letters_by_post"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="postalletter", name="postalletter_about_something"),
        migrations.AlterField(
            model_name="postalletter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation to a hustings, or a change of it"),
                    ("question", "A question of the research"),
                    ("not_genuine", "The form could not be confirmed"),
                    ("withdrawn", "Confirmation that it is withdrawn"),
                    ("barred", "No further part in a hustings"),
                    ("reviewed", "What the review of a bar found"),
                    ("letter", "The letter that ends the case"),
                    ("erased", "Confirmation that the data is erased"),
                ],
                max_length=12,
                verbose_name="what it tells",
            ),
        ),
        migrations.AddConstraint(
            model_name="postalletter",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=ABOUT_INVITATIONS, invitation__isnull=False, query=None)
                | models.Q(kind="question", query__isnull=False, invitation=None)
                | models.Q(kind__in=ABOUT_THE_APPLICATION, query=None, invitation=None),
                name="postalletter_about_something",
            ),
        ),
        migrations.RunPython(have_posted, migrations.RunPython.noop),
    ]
