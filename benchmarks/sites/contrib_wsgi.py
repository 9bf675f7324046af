"""What gunicorn serves for the peer `contrib`."""

from django.core.wsgi import get_wsgi_application

from benchmarks.sites import contrib

contrib.configure()
application = get_wsgi_application()
