"""What gunicorn serves for the peer `allauth_code`."""

from django.core.wsgi import get_wsgi_application

from benchmarks.sites import allauth_code

allauth_code.configure()
application = get_wsgi_application()
