"""Runs inside pretix's own Python: `prepare.py FOLDER`. Makes FOLDER/data with all tables, one organizer, and two
teams whose API tokens are written to FOLDER/token and FOLDER/till-token (0600). The first token of an installation cannot be made through its API."""
import os
import pathlib
import sys

import serve


def write_token(path: pathlib.Path, organizer, name: str, **rights) -> None:
    from pretix.base.models import TeamAPIToken
    team, _ = organizer.teams.get_or_create(name=name, defaults={"all_events": True, **rights})
    token = TeamAPIToken.objects.create(team=team, name="souffleur")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(token.token + "\n")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    (folder / "data").mkdir(parents=True, exist_ok=True)
    serve.configure(folder, 0)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pretix.settings")
    import django
    django.setup()
    from django.core.management import call_command
    call_command("migrate", verbosity=0, interactive=False)
    from django_scopes import scopes_disabled
    from pretix.base.models import Organizer
    with scopes_disabled():
        organizer, _ = Organizer.objects.get_or_create(slug="house", defaults={"name": "Theatre De Kaars"})
        write_token(folder / "token", organizer, "Box office", all_event_permissions=True,
                    all_organizer_permissions=True)
        # What plugin/host/README.md tells a house to give to the till, and no more.
        write_token(folder / "till-token", organizer, "Tills",
                    limit_event_permissions={"event.orders:read": True},
                    limit_organizer_permissions={"organizer.customers:read": True})



if __name__ == "__main__":
    main()
