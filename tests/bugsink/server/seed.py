"""Run by Bugsink's own shell in an empty database: a user, a project with a known key, a token for the API."""

import uuid

from bsmain.models import AuthToken
from django.contrib.auth import get_user_model
from projects.models import Project, ProjectMembership
from teams.models import Team

user = get_user_model().objects.create_superuser(username="admin", email="admin@example.org", password="admin")
team = Team.objects.create(name="tests")
project = Project.objects.create(name="telemetry", team=team, sentry_key=uuid.UUID("0123456789abcdef" * 2))
ProjectMembership.objects.create(project=project, user=user, role=1, accepted=True)
AuthToken.create_full_access()
AuthToken.objects.update(token="a" * 40)
