"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from clavero.project.content_type import readable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clavero.project.settings")
application = readable(get_wsgi_application())
