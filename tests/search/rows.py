r"""What technicians type, and what must come of it: (text of a case, question, whether the case is found).

Each group becomes cases of one world; the cases of a group are the others' counter-examples: a question finds exactly
the texts that say so. `tests/search/test_what_is_found.py` asks every row on portal and desk.
"""

# group → text → questions that find it, questions that do not
FOUND: dict[str, dict[str, tuple[list[str], list[str]]]] = {
    "English": {
        "The printer on the second floor doesn't print since Monday.": (
            ["printer", "print", "second floor", "doesn't print", "doesn’t", "MONDAY", "prin"],
            ["scanner", "printers", "rinter", "printer scanner"],
        ),
        "We can't sign in: naïve café résumé. See the follow-up (urgent!).": (
            ["naive cafe", "résumé", "resume", "follow-up", "up", "urgent", "sign-in sign", "can't"],
            ["follow-down", "naif"],
        ),
        "Outlook/Teams: e-mail&calendar out-of-sync; user=jdoe, state=locked": (
            ["teams", "calendar", "sync", "out-of-sync", "user=jdoe", "jdoe", "locked", "out.of.sync"],
            ["out-of-office"],
        ),
    },
    "Polish": {
        "Drukarka w Gdańsku nie działa, proszę o pomoc. Żółć i źdźbło.": (
            ["gdansk", "Gdańsku", "dziala", "DZIAŁA", "zolc", "żółć", "źdźbło", "zdzblo", "drukar", "pomoc proszę"],
            ["Kraków", "gdynia"],
        ),
        "Hasło wygasło na komputerze w Łodzi": (["haslo", "łodzi", "lodzi", "Hasło wygasło"], ["hasla", "Wrocław"]),
    },
    "German": {
        "Der Drücker im Büro der Müllerstraße 5 lässt sich nicht öffnen": (
            [
                *("Drücker", "druecker", "drucker", "büro", "buero", "buro", "Müllerstraße", "muellerstrasse"),
                *("Mullerstr", "lässt", "laesst", "oeffnen", "öffnen", "ÖFFNEN"),
            ],
            ["Maler", "dricker"],
        ),
        "Herr Schroeder und Frau Weiss melden: Passwort ungueltig": (
            ["Schröder", "Schroeder", "Weiß", "ungültig", "ungueltig", "schröd"],
            ["Schreder", "gültig"],
        ),
        "Systemstörung: Übertragung über VPN-Gateway Köln-Süd abgebrochen": (
            ["Koeln", "Köln-Süd", "koeln-sued", "sued", "uebertragung", "Systemstoer", "vpn-gateway"],
            ["Köln-Nord"],
        ),
    },
    "Vietnamese": {
        "Máy in không hoạt động ở Đà Nẵng": (
            ["máy in", "may in", "khong hoat dong", "Đà Nẵng", "da nang", "hoạt", "MÁY"],
            ["Hà Nội", "may quet"],
        ),
        "Lỗi đăng nhập tài khoản Trần Thị Ánh": (["đăng nhập", "dang nhap", "Trần", "tran thi anh", "loi"], ["Nguyễn"]),
    },
    "Chinese": {
        "你好，打印机无法连接到服务器，请尽快处理。": (
            ["打印机", "服务器", "连接", "无法连接", "器", "理", "尽快 打印"],
            ["扫描仪", "打字机", "接连"],
        ),
        "请检查服务器srv-db01的状态，错误代码0x80070005": (
            ["srv-db01", "状态", "检查服务器", "0x80070005", "db01", "服务器srv-db01"],
            ["打印机", "srv-db02"],
        ),
        "上海分公司的ＶＰＮ断线": (["vpn", "上海", "分公司", "断线"], ["北京"]),
    },
    "Japanese": {
        "プリンターが動かないので、サーバーを再起動してください。": (
            ["プリンター", "サーバー", "再起動", "動かない", "ﾌﾟﾘﾝﾀｰ", "起"],
            ["スキャナー", "ブリンター", "停止"],
        ),
        "パスワードを忘れました（東京支店・田中様）": (
            ["パスワード", "東京", "田中", "支店", "忘れました"],
            ["バスワード", "大阪"],
        ),
    },
    "Korean": {
        "네트워크프린터가 작동하지 않습니다": (["프린터", "네트워크", "작동", "네트워크프린터가"], ["스캐너"]),
    },
    "other scripts": {
        "Сервер недоступен в Києві": (["сервер", "СЕРВЕР", "києві", "недост"], ["принтер"]),
        "Ο εκτυπωτής δεν λειτουργεί": (["εκτυπωτης", "εκτυπωτής", "ΛΕΙΤΟΥΡΓΕΙ"], ["σαρωτής"]),
        "เครื่องพิมพ์เสีย": (["เครื่องพิมพ์", "พิมพ์"], ["สแกน"]),
        "प्रिंटर काम नहीं कर रहा": (["प्रिंटर", "नहीं"], ["स्कैनर"]),
    },
    "host names": {
        "The host srv-web01.acme.example.com does not answer": (
            [
                *("srv-web01", "srv-web01.acme.example.com", "web01", "acme.example", "example.com", "srv"),
                *("SRV-WEB01.ACME", "srv-web", "com", "web01.acme"),
            ],
            ["srv-web02", "srv-web01.globex", "eb01"],
        ),
        "Restart DC_BERLIN_02 and nas-k2 please.": (
            ["dc_berlin_02", "berlin", "berlin_02", "nas-k2", "k2", "DC-BERLIN-02"],
            ["dc_bonn", "berlin_03"],
        ),
        "db4711 is full, so is the volume on xn--bcher-kva.example": (
            ["db4711", "db47", "xn--bcher-kva.example", "bcher-kva"],
            ["db4712"],
        ),
    },
    "IP addresses": {
        "Ping to 10.20.30.4 fails": (["10.20.30.4", "10.20.30", "10.20", "30.4", "10.20.3"], ["10.20.30.5", "20.10"]),
        "Gateway 10.20.31.40:8443 and net 192.168.178.0/24 are down": (
            ["10.20.31.40", "10.20.31.40:8443", "8443", "192.168.178.0/24", "192.168.178.0", "192.168"],
            ["10.20.31.4", "192.168.179.0"],
        ),
        "Neighbor [2001:db8:0:0::1f]:443 via fe80::1%eth0": (
            ["2001:db8::1f", "2001:DB8:0:0:0:0:0:1F", "2001:db8:", "fe80::1", "eth0", "443"],
            ["2001:db8::1e", "fe80::2"],
        ),
        "The adapter 00:1A:2b:3c:4d:5e has no link": (
            ["00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "3c:4d:5e"],
            ["00:1a:2b:3c:4d:5f"],
        ),
    },
    "mail addresses": {
        "Mail from jan.kowalski+it@mail.acme.example bounces": (
            [
                *("jan.kowalski+it@mail.acme.example", "kowalski", "@mail.acme.example", "mail.acme.example"),
                *("acme.example", "jan.kowalski", "jan", "it@mail"),
            ],
            ["jan@acme.example", "jan.nowak", "mail.globex.example"],
        ),
        "Forward to <billing@globex.example>, not to mailto:office@globex.example": (
            ["billing@globex.example", "office@globex.example", "globex.example", "billing"],
            ["sales@globex.example"],
        ),
    },
    "error codes": {
        "Update fails with 0x80070005 (E_ACCESSDENIED), see KB-2345": (
            ["0x80070005", "0X80070005", "E_ACCESSDENIED", "accessdenied", "KB-2345", "kb2345", "KB 2345", "2345"],
            ["0x80070006", "KB-2346"],
        ),
        "ORA-01555: snapshot too old; TNS-12541, KB5031356": (
            ["5031356", "ORA-01555", "ora-01555:", "01555", "ORA01555", "tns-12541", "KB5031356", "KB-5031356"],
            ["ORA-01556", "ORA-12541"],
        ),
        "STOP 0x0000007B, HTTP/1.1 503, SQLSTATE[42P01], ERR_CONNECTION_REFUSED": (
            ["0x0000007b", "http 503", "http/1.1", "42P01", "SQLSTATE", "connection_refused", "ERR_CONNECTION_REFUSED"],
            ["0x0000007c", "http/2"],
        ),
        "Ticket {6F9619FF-8B86-D011-B42D-00C04FC964FF} version v2.14.3-rc1": (
            ["6f9619ff-8b86-d011-b42d-00c04fc964ff", "8B86-D011", "v2.14.3", "2.14.3-rc1", "rc1"],
            ["6f9619ff-8b86-d012", "v2.15"],
        ),
    },
    "paths": {
        r"Cannot open \\fs01\Projects$\2026\Offer_Müller-final.docx": (
            [
                *(r"\\fs01\projects$", r"fs01\projects", "Offer_Müller-final.docx", "offer_mueller", "final.docx"),
                *("docx", r"Projects$\2026", "Müller", "fs01/projects"),
            ],
            [r"\\fs02", "Offer_Meier", "final.xlsx"],
        ),
        r"It says C:\Program Files (x86)\Contoso\bin\agent.exe: %TEMP%\setup.log is locked": (
            [
                r"C:\Program Files (x86)\Contoso",
                r"Contoso\bin",
                "agent.exe",
                "setup.log",
                r"%TEMP%\setup.log",
                "c:/program",
            ],
            [r"D:\Program Files", "agent.dll"],
        ),
        "tail -f /var/log/nginx/error.log shows ~/.ssh/id_rsa and ./run-me.sh": (
            ["/var/log/nginx/error.log", "/var/log", "nginx/error.log", "error.log", "id_rsa", "run-me.sh", "~/.ssh"],
            ["/var/lib", "access.log"],
        ),
    },
    "addresses of pages": {
        "Open https://portal.acme.example:8443/reports/2026/q4.html?user=jan&tab=2#top please": (
            [
                *("portal.acme.example", "https://portal.acme.example", "http://portal.acme.example:8443/reports"),
                *("https://portal.acme.example:8443/reports/2026/q4.html?user=jan&tab=2#top", "q4.html", "user=jan"),
                *("https", "reports/2026"),
            ],
            ["https://portal.globex.example", "q5.html"],
        ),
        "Blocked: www.shop.example/cart and ftp://files.shop.example": (
            ["shop.example", "www.shop.example", "files.shop.example", "ftp", "shop.example/cart"],
            ["shop.example/checkout"],
        ),
    },
    "keys": {
        "Same as [ACME-9021], see there": (
            ["[ACME-9021]", "#ACME-9021", "ACME 9021", "acme-9021", "9021", "ACME9021"],
            ["ACME-9022", "GLOBEX-9021"],
        ),
        "Same as ACME 9031, and #ACME 9032 too": (
            ["ACME-9031", "[acme-9031]", "#ACME 9032", "acme-9032", "ACME – 9031"],
            ["ACME-9033", "ACME-9321"],
        ),
        "Re: [#ACME-9041] and acme-9042, ACME_9043": (["ACME-9041", "ACME 9042", "#ACME-9043"], ["ACME-9044"]),
    },
}
ROWS = [
    (group, text, question, is_found)
    for group, texts in FOUND.items()
    for text, (questions, others) in texts.items()
    for is_found, asked in ((True, questions), (False, others))
    for question in asked
]
