"""The lines of our icons, and an icon as markup. No Django: the command's report draws them too."""

SHAPES = {
    "arrow": '<path d="M4 12h16M13.5 5.5L20 12l-6.5 6.5"/>',
    "bell": '<path d="M5 17h14l-1.8-2.5V10a5.2 5.2 0 0 0-10.4 0v4.5zM10 20.5h4"/>',
    "building": '<path d="M4 21.5V4.5L13 2v19.5M13 8l7 2.5v11M2 21.5h20M7.5 8h2M7.5 12h2M7.5 16h2'
    'M16.5 14h.1M16.5 17.5h.1"/>',
    "calendar": '<rect x="3" y="5" width="18" height="16" rx="2"/>'
    '<path d="M3 10h18M8 2.5V7M16 2.5V7"/>',
    "card": '<rect x="2" y="4.5" width="20" height="15" rx="2"/><circle cx="8" cy="10.5" r="2.2"/>'
    '<path d="M4.8 16.2c.6-1.9 1.8-2.7 3.2-2.7s2.6.8 3.2 2.7M14.5 9.5H19M14.5 13.5H19"/>',
    "check": '<path d="M4.5 12.8l5 5L19.5 7"/>',
    "clock": '<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l3.8 2.3"/>',
    "download": '<path d="M12 3v12M6.5 10l5.5 5.5 5.5-5.5M4 20.5h16"/>',
    "info": '<circle cx="12" cy="12" r="9.5"/><path d="M12 11v6M12 7.3h.01"/>',
    "key": '<circle cx="7.5" cy="12" r="4.5"/><path d="M12 12h10v4.5M17.5 12v3"/>',
    "lock": '<rect x="4.5" y="10.5" width="15" height="10.5" rx="2"/>'
    '<path d="M8 10.5V7.5a4 4 0 0 1 8 0v3"/><path d="M12 14.5v2.5"/>',
    "mail": '<rect x="2.5" y="5" width="19" height="14" rx="2"/><path d="M3 6.5l9 7 9-7"/>',
    "pencil": '<path d="M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z"/><path d="M14 6.5l3.5 3.5"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.8a3.5 '
    '3.5 0 0 1 0 6.4M18 14.3c2 .8 3.2 2.7 3.5 5.7"/>',
    "phone": '<rect x="6.5" y="2" width="11" height="20" rx="2.2"/><path d="M10.8 18.7h2.4"/>',
    "pin": '<path d="M12 22s7.5-7 7.5-12.5a7.5 7.5 0 0 0-15 0C4.5 15 12 22 12 22z"/>'
    '<circle cx="12" cy="9.5" r="2.6"/>',
    "question": '<circle cx="12" cy="12" r="9.5"/>'
    '<path d="M9 9.3a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2M12 17.2h.01"/>',
    "screen": '<rect x="2.5" y="4" width="19" height="13" rx="2"/><path d="M8.5 21h7M12 17v4"/>',
    "warning": '<path d="M12 3L22 20.5H2z"/><path d="M12 9.5V14M12 17.3h.01"/>',
}


def svg(name: str, size: str = "") -> str:
    """The icon `name` as inline SVG in the text's colour; `size` is "" or " cl-icon--s"."""
    return (
        f'<svg class="cl-icon{size}" viewBox="0 0 24 24" aria-hidden="true"'
        f' focusable="false">{SHAPES[name]}</svg>'
    )
