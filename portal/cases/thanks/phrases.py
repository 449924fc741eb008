"""Words of thanks by language, as data. `detection` reads them; all are folded (lower case, no diacritics).

`thanks` and `settled` carry the meaning; `beside` may stand before or after them; `openings` and `closings` may carry a
name. An alternative is a pattern over whole words. What is in none of the lists makes a text more than thanks.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """The alternatives of one language."""

    thanks: tuple[str, ...]
    settled: tuple[str, ...]
    beside: tuple[str, ...]
    openings: tuple[str, ...]
    closings: tuple[str, ...]


PHRASES = {
    "en": Phrases(
        thanks=(
            "(many |big |huge |a thousand )?thanks( (so much|very much|a lot|a bunch|a million|again|guys|all|team|everyone|mate))?",
            "(a )?(big|huge) thank ?you( (all|team|everyone))?",
            "thank ?you( (so much|very much|both|all|again|guys|team|everyone|kindly|very kindly|too))*",
            "(thx|thnx|tnx|tks|thanx|ty|tysm|tyvm|cheers|ta)( (a lot|again|so much|mate|guys))?",
            "much appreciated|(really |greatly |very much )?appreciate(d)?( it| this| that| (your|the) help)?",
            "(i|we) (really |greatly |very much )?appreciate (it|this|that|(your|the) (quick |great |fast |prompt )?(help|support|work|effort))",
            "thanking you|(i am|we are|im) (very |so |really )?(grateful|thankful)",
        ),
        settled=(
            "(great|perfect|excellent|awesome|brilliant|wonderful|fantastic|super|lovely|nice|cool|amazing|good)( (news|job|work|stuff|service|support))?",
            "ok(ay)?|all (is )?(good|fine|well|set|clear|sorted|ok)( now| here)?|(well|nicely) done",
            "(it|that|this|everything|all|printing|the printer|the vpn|email|mail)( is| s| are)? (now )?(work(s|ing|ed)?|fixed|solved|resolved|sorted|done|fine|ok|good|perfect|great|back)( (now|again|fine|well|perfectly|great|a treat|like a charm|as expected|for me|for us|here))*",
            "(that|this|it) (has )?(did|fixed|solved|resolved|sorted|helped|does) (it|the (trick|problem|issue)|me|us)?( (a lot|now|for me))?",
            "(works|working|worked|fixed|solved|resolved|sorted|confirmed|done)( (now|again|fine|well|perfectly|great|like a charm|for me|for us))*",
            "problem (is )?(solved|fixed|gone|resolved)|issue (is )?(solved|fixed|gone|resolved)",
            "(you (are|re) )?(the best|a star|a legend|a life ?saver|awesome|great)|you rock",
            "no (more |further )?(problems|issues|questions|action needed)( now| here| (from|on) (my|our) (side|end))?|no worries",
            "(i|we) can (now )?(print|work|log in|sign in|access it|connect)( again| now)*",
            "(you can|feel free to) (now )?close (it|this|the case|the ticket|this case|this ticket)( now)?",
        ),
        beside=(
            "for (your|the|all your|all the|all of your|this|that|everything|fixing (it|this|that)|helping( me| us)?|sorting (it|this|that)( out)?|letting (me|us) know|looking into (it|this)|(the|your|such a) (very )?(quick|fast|prompt|great|speedy|swift|kind|excellent|super)? ?(help|support|answer|reply|response|fix|solution|update|service|work|assistance|efforts?|time|explanation|info|information|feedback|confirmation))( (and|with) (help|support|patience|time|this|that|it|the (issue|problem)))?",
            "(your|the|all your|all the) (quick|fast|prompt|great|kind)? ?(help|support|work|assistance|patience|efforts?|time)",
            "(help|support|work|reply|response|quick reply|quick response|quick help|quick fix)|to (you|all|everyone|the team|you all|all of you)|from (me|us|all of us|the whole team)|really|very much|again|now|so much|indeed|and|a lot|as always|once again|once more|yes|yep|yeah|oh|wow|great to hear|good to hear|have a (nice|great|good|lovely) (day|weekend|evening|one|week)|enjoy your (day|weekend|evening)|(nice|great|happy|good) (day|weekend|evening)|take care|happy friday|well received|received|noted|got it|understood|will do",
        ),
        openings=("hi", "hello", "hey", "dear", "good (morning|afternoon|evening|day)", "hi there", "hello there"),
        closings=(
            "(kind|best|warm|many|with kind|with best|kindest|warmest) regards",
            "regards|best|best wishes|all the best|sincerely|yours|yours (sincerely|truly|faithfully)|cheers|br|kr|rgds",
            "sent from my (iphone|ipad|phone|mobile|android|samsung|galaxy)( phone| mobile)?|sent from (outlook|mail)( for (ios|android|windows|iphone))?|get outlook for (ios|android)",
        ),
    ),
    "pl": Phrases(
        thanks=(
            "(bardzo |serdecznie |pieknie |slicznie |stokrotnie |jeszcze raz |wielkie |ogromne |i )*(dziekuje|dziekujemy|dzieki|dziekowac|podziekowania|dziekowka|dzieks|thx)( (bardzo|serdecznie|pieknie|slicznie|wielkie|ogromne|jeszcze raz|wam|panu|pani|panstwu|ci|wszystkim|ekipo|zespole|slicznie))*",
            "(jestem|jestesmy) (bardzo )?wdzieczn[aiy]",
            "(duze|wielkie|serdeczne|ogromne) (dzieki|podziekowania|brawa)( dla (was|zespolu|pana|pani))?",
        ),
        settled=(
            "(super|swietnie|ekstra|rewelacja|rewelacyjnie|idealnie|doskonale|wspaniale|bomba|znakomicie|pieknie|(dobra|swietna|super|kawal dobrej) (robota|roboty)|brawo|gitara|git|spoko|ok|okej|dobrze|w porzadku|fajnie|extra|perfekcyjnie)",
            "(wszystko |teraz |juz |to |u mnie |u nas |drukarka |poczta |vpn )*(dziala|dzialaja|smiga|hula|drukuje|gra|jest (ok|okej|w porzadku|dobrze|super)|naprawione|rozwiazane|zalatwione|w porzadku|pomoglo|zadzialalo)( (super|swietnie|dobrze|juz|teraz|poprawnie|prawidlowo|bez zarzutu|jak nalezy|bez problemu|idealnie|znow|znowu|ponownie|u mnie|u nas))*",
            "(problem|blad|sprawa|zgloszenie|temat) (jest |zostal |zostala |zostalo |juz )*(rozwiazany|rozwiazana|usuniety|zalatwiona|zalatwiony|zniknal|ustapil|zamkniety)",
            "mozna (juz )?(zamknac|zamykac)( (zgloszenie|temat|sprawe|ticket))?",
            "(jestescie|jestes) (super|najlepsi|wielcy|wielki|wspaniali|niezawodni)|potwierdzam|nie mam (wiecej |juz )?(pytan|uwag)",
        ),
        beside=(
            "za (pomoc|szybka pomoc|szybkie dzialanie|szybka reakcje|szybka odpowiedz|odpowiedz|wsparcie|informacje|info|wszystko|rozwiazanie( problemu)?|naprawe|zaangazowanie|cierpliwosc|interwencje|zajecie sie (tym|sprawa)|blyskawiczna (pomoc|reakcje|odpowiedz)|sprawna (pomoc|obsluge)|szybkie (rozwiazanie|zalatwienie)( problemu| sprawy)?)( i (wsparcie|cierpliwosc|pomoc|szybka reakcje|zaangazowanie))?",
            "i|bardzo|jeszcze raz|juz|teraz|wszystkim|milego (dnia|weekendu|wieczoru|popoludnia)|(zycze )?(milego|dobrego|udanego) (dnia|weekendu|tygodnia|wieczoru)|dobrego dnia|tak|oki|pozdrowienia dla zespolu|ode mnie|od nas|dla (was|panstwa|zespolu)",
        ),
        openings=(
            "czesc",
            "hej",
            "witam",
            "dzien dobry",
            "dobry wieczor",
            "witaj(cie)?",
            "szanowni panstwo",
            "hejka",
            "drogi zespole",
        ),
        closings=(
            "(serdecznie )?pozdrawiam( serdecznie| cieplo)?|(z )?pozdrowieni(a|ami)|z powazaniem|(z )?wyrazy szacunku|z wyrazami szacunku|pzdr|pozdro|do uslyszenia|milego",
            "wyslane z (iphone a|iphonea|mojego iphone a|telefonu|outlook|aplikacji mobilnej|androida)|wyslano z (iphone a|telefonu|programu outlook)( dla (ios|android))?",
        ),
    ),
    "vi": Phrases(
        thanks=(
            "(xin |da |rat |chan thanh |minh |em |anh |chi |toi |chung toi |ben em |ben minh |ok |vang |da vang )*(cam on|cam on|cam ta|biet on|thanks|thank you|tks)( (ban|anh|chi|em|cac ban|moi nguoi|team|ca team|ca nha|anh chi|quy cong ty|ad|admin|su ho tro|rat nhieu|nhieu|lam|nhe|nha|a|lan nua|nhieu nhe))*",
        ),
        settled=(
            "(tuyet voi|tuyet|tuyet qua|tot qua|tot lam|tot roi|hay qua|ok|oke|okay|duoc roi|on roi|ngon roi|xong roi|on|ok roi|hoan hao|qua tot|gioi qua)( (a|nhe|nha|roi))?",
            "(da |moi thu |may in |he thong |email |bay gio |gio |hien |hien tai |minh |em |no |tat ca )*(hoat dong|chay|in duoc|dung duoc|vao duoc|truy cap duoc|su dung duoc|duoc|khac phuc|sua|giai quyet|xu ly|on dinh|binh thuong|ok)( (tot|duoc|roi|binh thuong|lai|xong|on|on dinh|a|nhe|lai binh thuong))*",
            "(van de|loi|su co) (da )?(duoc )?(giai quyet|khac phuc|xu ly|het)( (xong|roi|a))*|het loi roi|khong con loi( nua)?",
            "(co the |ban )?dong (case|ticket|phieu|yeu cau)( duoc)?( (roi|nhe|a|nay))*",
        ),
        beside=(
            "(vi|ve|da|vi da|da vi) (su )?(giup do|ho tro|giup|ho tro nhanh chong|ho tro nhiet tinh|phan hoi nhanh|phan hoi|phan hoi nhanh chong|giai quyet|xu ly nhanh|nhiet tinh ho tro|tan tinh|tra loi)( (minh|em|toi|chung toi|nhanh chong|nhiet tinh|kip thoi|nhanh|tan tinh))*",
            "nhieu|rat nhieu|nhe|nha|a|da|vang|va|lan nua|ca team|chuc (ban|anh|chi|em|moi nguoi|cac ban|team)?( mot)? ?(ngay|buoi|cuoi tuan|tuan|buoi toi|buoi chieu)( moi)? (tot lanh|vui ve|tuyet voi|lam viec hieu qua|vui)",
        ),
        openings=("chao", "xin chao", "kinh gui", "hi", "hello", "dear", "chao (ban|anh|chi|em|team|cac ban)", "thua"),
        closings=(
            "tran trong|than ai|than men|kinh thu|than|tran trong cam on|tran trong kinh chao|(gui|duoc gui|da gui) tu (iphone|ipad|dien thoai)( cua toi)?|br|best regards|regards",
        ),
    ),
    "es": Phrases(
        thanks=(
            "(muchas |muchisimas |mil |infinitas |un millon de |ok |vale |y )*gracias( (a (todos|ti|usted|ustedes|vosotros)|de nuevo|otra vez|mil|equipo|por todo|y (un )?saludos?|de verdad|totales))*",
            "(le|te|les|os|se lo|te lo) agradezco( (mucho|muchisimo|de verdad|todo))?|(muy |muchas )?agradecid[oa]s?|mil gracias|se agradece( mucho)?|(estoy|estamos|quedo|quedamos) (muy )?agradecid[oa]s?",
        ),
        settled=(
            "(perfecto|genial|estupendo|excelente|fantastico|fenomenal|maravilloso|ok|vale|de acuerdo|muy bien|bien|buenisimo|de lujo|super|que bien|buen trabajo|listo|solucionado|resuelto|arreglado|confirmado|recibido)( (todo|ya|equipo))?",
            "(ya |ahora |todo |esto |eso |la impresora |el correo |la vpn )*(funciona|funcionan|va|imprime|esta (bien|ok|solucionado|resuelto|arreglado|perfecto|listo|correcto)|quedo (bien|solucionado|resuelto|listo)|ha quedado (bien|solucionado|resuelto)|anda|marcha)( (bien|ya|perfectamente|perfecto|de maravilla|correctamente|todo|ahora|muy bien|de nuevo|otra vez|genial))*",
            "(el )?(problema|error|asunto|tema) (ya )?(esta |ha sido |quedo |fue )?(solucionado|resuelto|arreglado|desaparecido|corregido)",
            "(ya )?(pueden|puede|puedes|podeis) cerrar (el |la )?(caso|ticket|incidencia|tema)( ya)?|(sois|son|eres|es) (los mejores|el mejor|la mejor|unos cracks|un crack|geniales|un sol)",
        ),
        beside=(
            "por (tu|su|la|vuestra|el|todo|todo el|toda la|la rapida|su rapida|tu rapida|la pronta|su pronta|su excelente|vuestra rapida)? ?(rapida |gran |excelente |pronta |amable )?(ayuda|respuesta|atencion|apoyo|soporte|gestion|solucion|tiempo|paciencia|rapidez|informacion|trabajo|esfuerzo|colaboracion|servicio|todo|ayudarme|ayudarnos|solucionarlo|resolverlo|contestar|responder|avisar)( (y (la )?(rapidez|paciencia|atencion|ayuda|tiempo)|tan rapid[oa]|rapida))*",
            "mucho|muchas|de nuevo|otra vez|ya|ahora|y|a todos|equipo|si|que (tengas|tenga|tengan|tengais) (un )?(buen|feliz|bonito|lindo) (dia|fin de semana|finde)|(buen|feliz) (dia|fin de semana|finde|tarde)|buena (tarde|semana)",
        ),
        openings=(
            "hola",
            "buenos dias",
            "buenas( tardes| noches)?",
            "buen dia",
            "estimad[oa]s?",
            "querid[oa]s?",
            "hola a todos",
            "hola equipo",
            "que tal",
        ),
        closings=(
            "(un )?(cordial |fuerte )?(saludo|abrazo)|saludos( cordiales)?|atentamente|cordialmente|un cordial saludo|atte|reciba un (cordial )?saludo|enviado desde mi (iphone|ipad|movil|android|celular|telefono)|enviado desde outlook( para (ios|android))?",
        ),
    ),
    "de": Phrases(
        thanks=(
            "(vielen |herzlichen |besten |tausend |lieben |grossen |ganz (lieben|herzlichen) |schonen |super |ok |alles klar |na dann |ja |nochmals |nochmal |ganz |und |recht )*(dank|danke|dankeschon|merci|thx|dankesehr)( (schon|sehr|vielmals|nochmals|nochmal|dir|ihnen|euch|an alle|fur alles|ihnen allen|euch allen|herzlich|auch|dafur))*",
            "(ich |wir )?(bedanke mich|bedanken uns|danke|danken)( (ihnen|dir|euch|herzlich|sehr|vielmals|nochmals))*|(sehr )?dankbar",
        ),
        settled=(
            "(super|prima|perfekt|klasse|toll|spitze|ausgezeichnet|hervorragend|wunderbar|top|sehr gut|gut|bestens|genial|ok|okay|in ordnung|alles klar|passt|alles bestens|alles gut|einwandfrei|erledigt|gelost|sehr schon|schon|bestatigt|mega|gute arbeit)( (so|jetzt|gemacht|alles|arbeit))*",
            "(es |das |alles |jetzt |nun |der drucker |die mail |vpn |bei mir |bei uns )*(funktioniert|lauft|geht|klappt|druckt|passt|ist (gelost|behoben|erledigt|in ordnung|ok|gut)|hat (geklappt|funktioniert|geholfen)|war es)( (jetzt|nun|wieder|alles|super|gut|bestens|einwandfrei|perfekt|prima|problemlos|sehr gut|tadellos|bei mir|bei uns|auch|wunderbar|hervorragend))*",
            "(das )?(problem|fehler|thema|ticket|der fehler|die sache) (ist |wurde |hat sich )?(nun |jetzt |damit )?(gelost|behoben|erledigt|weg|geklart)",
            "(sie konnen|du kannst|ihr konnt|kann) ?(das |den |dieses )?(ticket|fall|anfrage|vorgang)? ?(gerne |nun |jetzt )?(schliessen|geschlossen werden|zumachen)|(ihr|sie|du) (seid|sind|bist) (die besten|der beste|spitze|super|klasse|toll)",
        ),
        beside=(
            "fur (die|ihre|deine|eure|den|das|alles|all|diese|ihren|deinen|euren|die tolle|die gute|den tollen|euer|ihr|dein) ?(sehr )?(schnelle|schnellen|rasche|prompte|tolle|gute|super|superschnelle|freundliche|kompetente|ausgezeichnete|unkomplizierte|nette)? ?(hilfe|unterstutzung|antwort|ruckmeldung|losung|arbeit|support|bearbeitung|muhe|geduld|info|information|reaktion|service|einsatz|zeit|erledigung|behebung|umsetzung|erklarung|engagement)?( und (geduld|muhe|unterstutzung|hilfe|die (geduld|muhe|schnelle hilfe)))?|furs (kummern|helfen|erledigen|schnelle (helfen|erledigen|reagieren))|fur alles",
            "sehr|nochmals|nochmal|und|auch|jetzt|wieder|ja|so|schones wochenende|(einen )?schonen (tag|abend|feierabend|nachmittag)( noch)?|schone woche|(noch )?(einen )?(schonen|guten) tag( noch)?|ein schones wochenende|von mir|von uns|an das (ganze )?team|ans team",
        ),
        openings=(
            "hallo",
            "hi",
            "guten (tag|morgen|abend)",
            "liebe[rs]?",
            "sehr geehrte[rs]?( (damen und herren|herr|frau))?",
            "moin",
            "servus",
            "gruss gott",
            "hallo (herr|frau|zusammen|team)",
            "grussi",
        ),
        closings=(
            "(mit )?(freundlichen|besten|herzlichen|lieben|vielen|schonen) (grussen|gruss|grusse)|(viele|liebe|beste|schone|freundliche|herzliche) grusse( aus .{2,20})?|(lieben|besten|schonen|freundlichen) gruss|gruss|grusse|mfg|lg|vg|bg|von meinem (iphone|ipad|handy) gesendet|gesendet von (meinem )?(iphone|ipad|handy|outlook|mail)( fur (ios|android))?|von unterwegs gesendet",
        ),
    ),
    "fr": Phrases(
        thanks=(
            "(un (grand|tres grand|enorme) |mille |grand |encore |ok |super |parfait |bonjour |et )*merci(s)?( (beaucoup|bien|infiniment|enormement|mille fois|encore|a (vous|toi|tous|toute l equipe|l equipe|tous les deux)|d avoir (regle|resolu) (ca|cela|le probleme)|pour tout|vraiment|vivement))*",
            "(je (vous|te) |nous vous )remercie(ns)?( (beaucoup|vivement|infiniment|encore|sincerement|bien))*|(avec )?(tous )?(mes|nos) (sinceres )?remerciements|(tres )?reconnaissant(e|s)?",
        ),
        settled=(
            "(super|parfait|genial|excellent|impeccable|nickel|formidable|tres bien|bien|top|d accord|ok|okay|c est (parfait|bon|super|regle|resolu|nickel|genial|note|fait|top|tres bien)|bravo|beau travail|magnifique|au top|bien recu|resolu|regle|bonne nouvelle|entendu)",
            "(ca |cela |tout |tout cela |maintenant |desormais |l imprimante |le vpn |la messagerie |chez (moi|nous) |oui )*(marche|fonctionne|fonctionnent|imprime|remarche|refonctionne|est (regle|resolu|ok|bon|rentre dans l ordre|parfait|en ordre)|a (marche|fonctionne))( (bien|maintenant|a nouveau|parfaitement|tres bien|de nouveau|correctement|desormais|nickel|a merveille|chez moi|chez nous|normalement|enfin))*",
            "(le )?(probleme|souci|bug|ticket|dossier) (est |a ete |semble )?(bien )?(resolu|regle|corrige|clos|disparu)|plus de (probleme|souci)",
            "vous pouvez (clore|fermer|cloturer) (le |ce )?(ticket|dossier|cas|sujet)|(vous etes|tu es) (les meilleurs|le meilleur|la meilleure|au top|super|genial|geniaux|formidables)",
        ),
        beside=(
            "(pour|de) (votre|ton|ta|l|la|le|vos|cette|tout|tous vos|toute votre|ce) ?(tres )?(rapide |precieuse |excellente |bonne )?(aide|reponse|retour|support|soutien|reactivite|intervention|solution|assistance|travail|patience|temps|disponibilite|efficacite|rapidite|efforts|resolution|info|information|explications?|professionnalisme|accompagnement)?( (rapide|rapides|precieuse|et (votre |la )?(patience|reactivite|rapidite|aide|gentillesse|efficacite)|si rapide))*|pour tout|pour (m|nous) avoir (aide|depanne)|d avance pour rien",
            "beaucoup|bien|encore|encore une fois|maintenant|et|oui|a vous|a tous|vraiment|bonne (journee|soiree|fin de journee|semaine|fin de semaine|apres midi)|(bon|excellent) (week end|weekend|apres midi)|(je vous souhaite )?(une )?(bonne|excellente|belle) (journee|soiree|semaine|fin de journee)|passez une (bonne|excellente|belle) journee",
        ),
        openings=(
            "bonjour",
            "bonsoir",
            "salut",
            "cher|chere|chers",
            "bonjour a (tous|toute l equipe)",
            "coucou",
            "(bonjour )?(monsieur|madame)",
            "hello",
        ),
        closings=(
            "(bien )?(cordialement|amicalement|sincerement)|bien a vous|cdlt|cdt|(sinceres|meilleures|cordiales|mes) salutations|salutations( distinguees)?|a bientot|bien cordialement|envoye de mon (iphone|ipad|telephone|mobile|android)|envoye depuis (mon (iphone|telephone|mobile)|outlook( pour (ios|android))?)|respectueusement",
        ),
    ),
}

# Words that are no name even where a name may stand: with them a text may ask, complain or announce.
NO_NAMES = frozenset(
    """
    again all also and another any are as asap be broken but by can cannot could did do does doesn doesnt don dont down
    else error errors except fail failed fails for from had has have help how however i if in issue it just later me
    monday more my need needed never new next no none not nothing now of off on once one only or our out please problem
    question same slow soon still stop that the then there they this though to today tomorrow tuesday until update
    wait was we wednesday thursday friday saturday sunday were what when where which who why will with without wrong
    yet you your
    ale bez blad bledy brak by byc czy dalej dlaczego gdy gdzie i inny jak jednak jeszcze jest jutro juz kiedy ktory
    lecz mam moze na nadal nic nie niestety nowy ponownie problem prosze pytanie tylko w wciaz z za ze zepsute znow
    nhung van chua khong sao tai lai loi con khi nao the gi bao gio duoc them nua vui long may hom
    pero no sigue todavia aun cuando como donde que falta fallo error ahora nada otra otro favor puede pueden manana
    aber nicht noch kein keine immer wann wie wo warum leider fehler kaputt bitte morgen heute wieder nur trotzdem
    mais pas encore quand comment ou pourquoi toujours malheureusement erreur demain aussi autre rien plus sauf
    """.split()  # noqa: SIM905 - a table of words
)
