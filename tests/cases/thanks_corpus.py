"""Replies after a solution: 200 that only thank, and 200 that say more though they begin with thanks.

Per language the sentences of people, and around a part of them what stands around sentences in mails.
"""

THANKS = {
    "en": """
        Thanks!|Thank you|Thank you so much!|Thanks a lot, Ana.|Many thanks|Perfect, thanks|Great, it works now. Thank you!
        Thanks for your help|Thank you for the quick response!|That fixed it, thanks!|All good now, thanks again|Cheers
        Works like a charm. Thanks team!|Hi Ana, thank you very much. Best regards, Rita|Much appreciated
        Problem solved, thank you|Thanks for sorting this out|Excellent. Thank you both|Awesome 👍 thanks
        OK, thanks|Thank you, have a nice weekend|It is working again, many thanks for your help
        Thx|Thanks for letting me know|Brilliant, thank you Ana 🙏|Confirmed, works. Thank you|No more issues. Thanks
        I really appreciate your help|Dear Ana, many thanks for your support. Kind regards Rita Requester
    """,
    "pl": """
        Dziękuję!|Dziękuję bardzo|Dzięki|Dzięki wielkie!|Bardzo dziękuję za pomoc|Super, działa. Dziękuję|Dziękujemy
        Dziękuję za szybką reakcję|Wszystko działa, dziękuję|Już działa. Dzięki!|Serdecznie dziękuję. Pozdrawiam, Rita
        Dzień dobry, dziękuję za pomoc. Pozdrawiam serdecznie|Problem rozwiązany, dziękuję|Świetnie, dzięki
        Ok, dziękuję|Można zamknąć zgłoszenie, dziękuję|Potwierdzam, działa. Dziękuję bardzo|Idealnie, wielkie dzięki!
        Cześć Ana, dzięki za pomoc 🙂|Dziękuję i pozdrawiam|Dziękuję, miłego dnia|Drukarka działa, dziękuję
        Działa bez zarzutu, dzięki|Dziękuję za wsparcie i cierpliwość|Dzięki, super robota 👍|Dzięki, jesteście najlepsi
        Witam, bardzo dziękuję za szybką odpowiedź. Z poważaniem, Piotr Nowak
    """,
    "vi": """
        Cảm ơn|Cảm ơn bạn|Cảm ơn anh nhiều|Xin cảm ơn|Cảm ơn bạn rất nhiều!|Em cảm ơn anh ạ|Cám ơn chị
        Cảm ơn anh đã hỗ trợ|Đã hoạt động, cảm ơn bạn|Được rồi, cảm ơn nhé|Ok, cảm ơn|Tuyệt vời, cảm ơn bạn
        Cảm ơn team đã hỗ trợ nhanh chóng|Máy in hoạt động bình thường rồi, cảm ơn|Chào bạn, cảm ơn bạn. Trân trọng, Nam
        Xin chân thành cảm ơn|Cảm ơn 🙏|Tốt quá, cảm ơn anh|Vấn đề đã được giải quyết, cảm ơn|Thanks bạn
        Dạ em cảm ơn|Cảm ơn chị nhiều ạ|Cảm ơn vì sự giúp đỡ|Ok rồi, cảm ơn nhiều|Cảm ơn, chúc bạn một ngày tốt lành
        Hết lỗi rồi, cảm ơn bạn|Tuyệt quá! Cảm ơn cả team
    """,
    "es": """
        Gracias|Muchas gracias|¡Muchas gracias!|Mil gracias por tu ayuda|Gracias por la rápida respuesta|Perfecto, gracias
        Ya funciona, muchas gracias|Todo funciona perfectamente. Gracias|Genial, gracias Ana|Hola Ana, muchas gracias. Saludos
        Gracias de nuevo|Problema resuelto, gracias|Muchas gracias por su atención. Un saludo, Marta|Ok, gracias
        Excelente, muchas gracias a todos|Gracias, buen fin de semana|Gracias por todo 😊|Muy agradecido
        Le agradezco mucho|Solucionado. ¡Gracias!|Funciona de nuevo, gracias|Estupendo, mil gracias
        Buenos días, gracias por la ayuda. Saludos cordiales, Luis|Gracias equipo|Pueden cerrar el caso, gracias
        Gracias por solucionarlo|Sois los mejores, gracias
    """,
    "de": """
        Danke|Danke schön!|Vielen Dank|Vielen Dank für die schnelle Hilfe|Herzlichen Dank!|Super, danke|Perfekt, vielen Dank
        Es funktioniert wieder. Danke!|Funktioniert jetzt, vielen Dank|Besten Dank und viele Grüße|Alles klar, danke
        Hallo Ana, vielen Dank. Viele Grüße, Rita|Danke für die schnelle Antwort|Der Drucker druckt wieder, danke
        Problem gelöst, danke|Läuft wieder. Danke!|Top, danke 👍|Danke Ihnen|Tausend Dank|Prima, danke dir
        Vielen lieben Dank, schönes Wochenende|Guten Morgen, vielen Dank für Ihre Unterstützung. Mit freundlichen Grüßen
        Alles bestens, danke nochmals|Ich danke Ihnen|Klasse, hat geklappt. Danke|Danke, Ana!|Merci
        Das Problem ist behoben, vielen Dank|Danke fürs Kümmern
    """,
    "fr": """
        Merci|Merci beaucoup|Merci beaucoup !|Un grand merci|Merci pour votre aide|Parfait, merci|Ça marche, merci
        Super, merci Ana|Merci pour votre réponse rapide|Tout fonctionne, merci|C'est résolu, merci beaucoup
        Bonjour Ana, merci beaucoup. Cordialement, Rita|Merci bien|Mille mercis|Merci encore|Problème résolu, merci
        Ok merci|Nickel, merci 👍|Merci à vous|Merci à toute l'équipe|Je vous remercie|Merci, bonne journée
        Ça fonctionne à nouveau. Merci !|Bonjour, merci pour votre aide. Bien cordialement|Génial, merci
        Vous pouvez clore le ticket, merci|Impeccable, merci pour la réactivité
    """,
}

NEAR_MISSES = {
    "en": """
        Thanks, but it still fails|Thank you, however the error is back|Thanks. Can you also reset my password?
        Thanks for nothing|Thanks in advance|Thank you, when will it be live?|Great, another outage|Thanks, not working
        Thank you. Please call me tomorrow|OK, but the other printer is broken too|Thanks, one more question
        No thanks|Thanks Monday it broke again|Perfect, except for the second floor|Not perfect|Thanks, still waiting
        Thanks, I will test it on Monday and tell you|Thank you. The invoice is wrong though|It works now but it is slow
        Thanks 😡|Thanks ☹|Works for Jan, does not work for me|Thank you, please keep the case open|Thanks anyway
        Thanks, do the same for Jan|Thanks. Error 0x80070005|It worked yesterday|ok?|Thank you for your help, it did not help
        Hi Ana, thanks, the VPN is down|Would appreciate an update|Great job breaking it|Please close and open a new one
    """,
    "pl": """
        Dziękuję, ale nadal nie działa|Dzięki, jeszcze jedno pytanie|Dziękuję za odpowiedź, niestety błąd wrócił
        Dzięki, a kiedy będzie działać?|Dziękuję z góry|Nie dziękuję|Dziękuję, proszę o telefon|Super, znowu awaria
        Dzięki, u Jana nie działa|Dziękuję. Proszę jeszcze zresetować hasło|Działa, ale wolno|Dziękuję, nie pomogło
        Dzięki za nic|Dziękuję, sprawdzę jutro|Dziękuję, czekam na fakturę|Już nie działa|Wszystko działa oprócz drukarki
        Dziękuję, proszę nie zamykać|Dzięki, pojawił się nowy problem|Dziękuję 😡|Działało wczoraj
        Dzień dobry, dziękuję, VPN nie działa|Dzięki, to samo na drugim komputerze|Dziękuję, błąd 0x80070005
        Byłbym wdzięczny za informację|Dzięki. Czy mogę prosić o instrukcję|Dziękuję, ale to nie to|Dzięki, zostało jeszcze konto Ewy
        Dziękuję, dalej widzę błąd|Świetnie, tylko że nie u mnie|Prawie działa|Dziękuję, proszę o potwierdzenie
    """,
    "vi": """
        Cảm ơn nhưng vẫn lỗi|Cảm ơn, khi nào xong?|Cảm ơn trước|Không cảm ơn|Cảm ơn, vẫn chưa được|Cảm ơn, máy in lại hỏng
        Cảm ơn bạn, cho tôi hỏi thêm|Cảm ơn, nhờ bạn gọi lại|Đã hoạt động nhưng chậm|Cảm ơn, còn máy của chị Lan
        Cảm ơn anh, lỗi lại xuất hiện|Được rồi nhưng email chưa được|Cảm ơn, mai tôi kiểm tra|Chưa hoạt động
        Cảm ơn, xin đừng đóng|Cảm ơn, không vào được|Ok, còn VPN thì sao|Cảm ơn. Vui lòng gửi hướng dẫn
        Cảm ơn, tôi cần thêm tài khoản|Cảm ơn 😡|Vẫn chưa ổn|Cảm ơn, bị lỗi 500|Không hoạt động|Cảm ơn bạn, giúp tôi thêm việc này
        Cảm ơn, hôm qua được hôm nay lại hỏng|Tuyệt vời, lại hỏng rồi|Cảm ơn, đợi phản hồi|Cảm ơn nhưng không đúng
        Sắp được rồi|Cảm ơn, sao lâu thế|Cảm ơn, đổi mật khẩu giúp tôi|Cảm ơn, bao giờ có hóa đơn
    """,
    "es": """
        Gracias, pero sigue fallando|Gracias de antemano|Gracias. ¿Cuándo estará listo?|Gracias, no funciona
        Gracias, una pregunta más|No, gracias|Gracias por nada|Muchas gracias, por favor llámeme|Genial, otra caída
        Ya funciona, pero va lento|Gracias, falta la impresora|Perfecto salvo el correo|Gracias, el error ha vuelto
        Gracias, mañana lo pruebo|Gracias, también necesito una cuenta|No está resuelto, gracias|Gracias 😡
        Hola, gracias, la VPN está caída|Gracias, a Juan no le va|Gracias, error 500|Agradecería una respuesta
        Gracias, no cierren el caso|Gracias, sigo esperando|Casi funciona|Funcionaba ayer|Gracias, hagan lo mismo para Eva
        Muchas gracias. Envíeme la factura|Gracias, ahora hay otro problema|Gracias, aún no|Perfecto, gracias, excepto uno
        Gracias por su ayuda, no sirvió|Gracias, necesito hablar con alguien|Vale, y el otro
    """,
    "de": """
        Danke, aber es geht nicht|Danke im Voraus|Danke. Wann ist es fertig?|Nein danke|Danke für nichts|Danke, leider nicht
        Vielen Dank, eine Frage noch|Danke, der Fehler ist wieder da|Super, schon wieder ein Ausfall|Danke, bitte anrufen
        Funktioniert, ist aber langsam|Danke, bei Jan geht es nicht|Vielen Dank, bitte noch das Passwort zurücksetzen
        Alles gut außer dem Drucker|Danke, ich teste morgen|Danke, bitte nicht schließen|Funktioniert nicht|Danke 😡
        Danke, jetzt kommt Fehler 500|Es ging gestern|Danke, ich warte noch|Hallo, danke, das VPN ist weg|Danke, fast
        Wäre dankbar für eine Antwort|Danke, dasselbe für Eva|Danke, hat nicht geholfen|Danke trotzdem|Danke, noch etwas
        Vielen Dank, die Rechnung ist falsch|Danke, wer macht das|Läuft bei mir nicht|Danke, aber|Klappt nur teilweise
    """,
    "fr": """
        Merci, mais ça ne marche pas|Merci d'avance|Merci. Quand est-ce que ce sera prêt ?|Non merci|Merci pour rien
        Merci, encore une question|Merci, l'erreur est revenue|Super, encore une panne|Merci de m'appeler|Merci de corriger
        Ça marche mais c'est lent|Merci, pas chez Jan|Merci, il manque l'imprimante|Parfait sauf la messagerie
        Merci, je teste demain|Merci, j'ai aussi besoin d'un compte|Ce n'est pas résolu, merci|Merci 😡|Merci, erreur 500
        Bonjour, merci, le VPN est coupé|Merci, toujours rien|Merci, ne fermez pas|Ça marchait hier|Presque|Merci quand même
        Je vous remercie de me rappeler|Merci, la même chose pour Eva|Merci, ça n'a pas aidé|Merci, un autre problème
        Merci de votre retour rapide svp|Merci, la facture est fausse|Ça ne fonctionne plus|Merci, plus rien ne marche
    """,
}

_FRAMES = ("{}", "{}\n\n-- \nRita Requester\nAcme GmbH", "{} 😊", "Hi Ana,\n\n{}\n\nRita")


def sentences(table: dict[str, str]) -> list[tuple[str, str]]:
    """(language, text) of each sentence, and of every fifth with a frame around it, until there are 200 at least."""
    plain = [
        (language, one.strip())
        for language, block in table.items()
        for line in block.split("\n")
        for one in line.split("|")
    ]
    plain = [(language, one) for language, one in plain if one]
    framed = [(language, _FRAMES[1 + number % 3].format(one)) for number, (language, one) in enumerate(plain)]
    return plain + framed[: max(0, 200 - len(plain)) + 40]
