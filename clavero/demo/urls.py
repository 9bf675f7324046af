"""The public pages: home, the road to a key, the case."""

urlpatterns: list = []
