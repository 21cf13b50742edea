"""What people write when they are asked if it is fixed: phrases in English, Turkish and Persian, folded.

Folded as `domain.component.fold` does it, without apostrophes, the Persian می joined to its verb.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from domain.component import fold


class Sense(Enum):
    """What a phrase does to an answer."""

    FIXED = auto()  # says it works
    BROKEN = auto()  # says it does not
    YES = auto()  # counts only among words that are all understood
    NO = auto()
    NOT = auto()  # turns what follows
    NOT_BEFORE = auto()  # turns what stands before
    NOT_YET = auto()  # turns what follows; alone it says no
    WORK = auto()  # says something only after a "not": "good work" is no answer
    HEDGE = auto()  # takes back a part of "it works"
    UNCLEAR = auto()  # asks, hopes, doubts, tells of other times
    FILLER = auto()  # says nothing about it
    TOPIC = auto()  # says nothing beside FIXED or BROKEN, too much beside YES or NO: "yes, problems"
    UNKNOWN = auto()


_ENGLISH = {
    Sense.FIXED: """
        fixed|solved|resolved|works|working|sorted|all good|all fine|good now|fine now|ok now|okay now|all ok
        back up|back online|back to normal|up again|up and running|no problems|no problem now|no problem anymore
        no problem any more|now no problem|no issue|no issues|no more problems|no more issues|no more errors
        no errors|no error|problem gone|problem is gone|problem has gone|issue is gone|error is gone|can log in
        can login|can pay|does work|it work|all work|work now|now work|work again|isnt a problem|isnt an issue
        not a problem|not an issue|it isnt a problem|it isnt an issue|it is not a problem|it is not an issue
        looks good|looks good now|looks fine|looks fine now""",
    Sense.BROKEN: """
        broken|still down|still the same|still same|still happening|still failing|still fails|still waiting
        still an issue|still a problem|still problems|still having problems|still having issues
        still having the same problem|still having the same issue|still error|still getting errors
        still getting an error|still getting the error|same problem|same issue|same error|same as before
        no change|nothing changed|nothing has changed|nothing works|nothing is working|no better|not better|worse
        down|failing|fails|no luck|unresolved|unsolved|unfixed|cant log in|cant login|cannot log in|cannot login
        cant pay|cannot pay|cant access|cannot access|cant use|cannot use|cant open|cannot open|cant connect
        cannot connect|crashes|crashing|keeps crashing|problem is back|issue is back|problem persists
        issue persists|persists|broke|still cant log in|still cant get it to work|still cannot get it to work
        still cannot log in|not fixed|not solved|declined|busted|still cant login|still cant pay
        still cant access|still cant use|still cant open|still cant connect|still cannot login|still cannot pay
        still cannot access|still cannot use|still cannot open|still cannot connect""",
    Sense.YES: """
        yes|yep|yeah|yup|yes it is|yes it does|yes it has|yes all|✅|✔|👍|👌|☑|💯|it is now|it does now|it has now""",
    Sense.NO: "no|nope|nah|👎|❌|✖|❎|not for me|not at all|not here",
    Sense.NOT: """
        not|isnt|doesnt|dont|didnt|wasnt|hasnt|havent|never|wont|no longer|aint|cant|cannot|nothing|without
        nobody""",
    Sense.NOT_YET: """
        still not|still no|still cant|still cannot|still doesnt|still isnt|still wont|still havent|not yet
        it isnt|it is not|it doesnt|it does not|no it isnt|no it is not|no it doesnt|no it does not""",
    Sense.WORK: "work",
    Sense.HEDGE: """
        but|however|although|though|except|apart|only|sometimes|partly|partially|mostly|almost|nearly|barely
        hardly|half|some|slow|slowly|sort of|kind of|now and then|seems|seem|appears|looks|least|temporarily
        other|others|everyone else|friend|slower|yet|wife|husband|brother|sister|mother|father|colleague|friends
        vpn|wifi|for now|still|even|unfortunately|on and off|off and on|intermittently""",
    Sense.UNCLEAR: """
        ?|؟|+1|if|whether|when|until|till|unless|hope|hopefully|wish|should|would|could|was|were|worked|used to
        used|think|guess|maybe|perhaps|probably|not sure|unsure|sure|supposed|said|say|says|saying|claim|claims
        claiming|told|pretend|pretending|lol|lmao|haha|yesterday|earlier|will|soon|why|what|how|who|where|which
        working on|not only|no thanks|no thank you|no need|no idea|no worries|no problem|no clue|no comment
        no doubt|yeah right|yes and no|day after|was working|not really|so so|someone|anyone|anybody|:(
        never mind|nevermind|work on|work for you|wait|wrong person|still no problem|still no problems
        still no issues|still no errors|is it|is this|are you|did you|have you|has it|does it|do you|can you
        can i|get it|get this|get my|need|want|waiting for|must|have to|has to|needs|to be fixed|be fixed
        be solved|be resolved|make|get|good work|great work|nice work|at work|calm down|ass|hell|joke|kidding
        funny|wow|bullshit|lie|lies|liar|liars|lying|no more|not bad|not great|far from|yes please|not just
        isnt just|not the same|isnt the same|been worse|be worse|not worse""",
    Sense.FILLER: """
        it|its|is|now|for|me|us|thanks|thank|you|thx|ty|ok|okay|please|the|my|our|all|everything|here|finally
        at last|so|much|very|many|sir|madam|team|guys|great|good|perfect|nice|and|i|we|im|ive|can|confirm|have|has
        been|a|an|that|this|hi|hello|hey|dear|sorry|anymore|any more|any|more|to|on|end|side|today|completely|fully
        totally|well|fine|just|also|do|does|am|are|be|really|quick|support|from|cheers|glad|happy|normally|properly
        correctly|answer|rating|rate|score|❤|🙏|😊|🙂|😀|😃|😄|🎉|💪|🌹|🌸|💐|🙌|👏|♥|🥳|☺|💚|💙|for letting me know
        letting me know|for the quick response|for the help|for your help|for asking|both|man|mate|appreciate
        appreciated|awesome|excellent|absolutely|definitely|like a charm|as expected|great job|good job|well done
        regards|for fixing|for sorting""",
    Sense.TOPIC: """
        problem|issue|problems|issues|error|again|help|app|site|account|card|cards|internet|connection|payment
        payments|login|website|phone|order|since this morning""",
}  # fmt: skip
_TURKISH = {
    Sense.FIXED: """
        düzeldi|düzelmiş|düzelmiştir|çözüldü|çözülmüş|halloldu|hallolmuş|giderildi|giderilmiş|çalışıyor
        çalışmaya başladı|açıldı|açılıyor|girebiliyorum|girebildim|bağlanabiliyorum|sorun yok|sorunum yok
        sorun kalmadı|sorunum kalmadı|problem yok|problemim yok|problem kalmadı|sıkıntı yok|sıkıntım yok
        sıkıntı kalmadı|sorunsuz|sorun yaşamıyorum|problem yaşamıyorum|sıkıntı yaşamıyorum|yolunda|normale döndü
        normale dönmüş|hata vermiyor|sorun çıkmıyor|sorun devam etmiyor|sorunum devam etmiyor|sorun sürmüyor
        aynı sorun yok|aynı sorun kalmadı|aynı hata yok|aynı hata kalmadı|hâlâ sorun yok|hâlâ sorun yaşamıyorum
        çalışmaya devam ediyor|internet geldi|internetim geldi|bağlantı geldi|düzeltildi|girebiliyoruz
        giriş yapabiliyorum|giriş yapabildim|erişebiliyorum|hata yok|hata almıyorum|sıkıntısız""",
    Sense.BROKEN: """
        düzelmedi|düzelmemiş|düzelmiyor|çözülmedi|çözülmemiş|çözülmüyor|hallolmadı|hallolmamış|giderilmedi
        giderilmemiş|çalışmıyor|çalışmadı|çalışmamakta|açılmıyor|açılmadı|olmadı|olmuyor|giremiyorum|giremedim
        giremiyoruz|bağlanamıyorum|bağlanmıyor|bağlanamadım|yapamıyorum|yapamadım|ödeyemiyorum|alamıyorum
        göremiyorum|kullanamıyorum|yüklenmiyor|gelmiyor|gelmedi|gitmiyor|aynı sorun|sorun aynı|hâlâ aynı
        aynı hata|değişen bir şey yok|değişen yok|değişiklik yok|sorun devam|devam ediyor|devam etmekte|sorun var
        problem var|sıkıntı var|hâlâ var|sorun sürüyor|sürüyor|bozuk|bozuldu|hata veriyor|hata alıyorum|çöktü
        çöküyor|hâlâ bekliyorum|hâlâ yok|henüz değil|henüz yok|hâlâ değil|hayır değil|yine oldu|yine aynı
        aynısı oldu|hâlâ sorun|sorunum var|sorunum devam|değişmedi|değişen bir şey olmadı|tekrar oldu|gene oldu
        bir daha oldu|aynı durum|sorunlu|çözülemedi|düzeltilmedi|erişemiyorum|hata alıyoruz|çalışmıyo|açılmıyo
        değişen hiçbir şey yok|internet yok|çalışmaya devam etmiyor|yok sorun var|yok sorun devam ediyor
        sorun geri geldi|problem geri geldi|donuyor|kopuyor|kesiliyor|yine gitti|yine kesildi""",
    Sense.YES: "evet|evt|oldu|tamamdır|yok sorun|yok sıkıntı|yok problem|giriyorum|geri geldi|devam etmiyor",
    Sense.NO: "hayır|maalesef|malesef|hayır henüz|aynı",
    Sense.NOT_BEFORE: "değil|değildir",
    Sense.HEDGE: """
        ama|fakat|ancak|lakin|sadece|bazen|ara sıra|kısmen|biraz|yavaş|gibi|hariç|bazı|bir tek|dışında|neredeyse
        hâlâ|hâlen|henüz|sayılır|arkadaşım|arkadaşımda|arkadaşımın|eşim|eşimde|eşimin|kardeşimde|başkalarında
        şimdilik|görünüyor|zor|geç|ağır|arada|arada bir|arada sırada|kesik kesik|yarım yamalak|yarısı|kapanıp
        kapandı|gitti""",
    Sense.UNCLEAR: """
        mi|mı|mu|mü|eğer|belki|sanırım|galiba|herhalde|umarım|inşallah|ne zaman|ne oldu|neden|niye|nasıl|kim
        dediniz|diyorsunuz|dün|hayır teşekkürler|hayır teşekkür ederim|hayır sağol|hayır sağolun|bilmiyorum
        emin değilim|sözde|düzelecek|olacak|gerek yok|hiç sanmıyorum|evet hayır|acaba|önceden|diye|denildi|denmiş
        dendi|demişsiniz|sandım|yazıyor|yazmış|yazıyorsunuz|diyor|diyorlar|diyorsun|dedi|düzeltin|lazım|gerek
        keşke|diyemem|diyemeyiz|denemez|denilemez|sayılmaz|demeyin|dediler|demişler|deniyor|deniliyor|yalan
        zannettim|sanıyordum|sanmıştım|sandık|gerekiyordu|yok teşekkürler|yok teşekkür ederim|yok sağol|yok sağolun
        aynı değil|aynı sorun değil|aynı hata değil|çok oldu|evet lütfen""",
    Sense.FILLER: """
        teşekkürler|teşekkür ederim|teşekkür|ederim|sağolun|sağ olun|sağol|eyvallah|şimdi|artık|şu an|şu anda|bende
        benim|için|bana|tamam|çok|iyi|süper|harika|güzel|merhaba|selam|her şey|hepsi|az önce|nihayet|sonunda|hiç
        hiçbir|bu|o|ve|de|da|lütfen|kolay gelsin|bir|gayet|puan|puanım|puanım da|elinize sağlık|bizde|size|tam
        tamamen|teşekkürlerimle|bey|hanım|hocam|ilginiz|desteğiniz|yardımınız|eline sağlık|emeğinize sağlık|tşk
        tşkler|valla|vallahi|abi|kral|iyi günler|iyi çalışmalar|sağolasın|sağ ol""",
    Sense.TOPIC: """
        sorun|sorunum|sorunumuz|problem|problemim|sıkıntı|hata|arıza|sistem|uygulama|uygulamada|hesabım|yine
        tekrar|kart|kartım|internet|internetim|internetimiz|bağlantı|bağlantım|ödeme|ödemem|giriş|hat|hattım|site""",
}  # fmt: skip
_PERSIAN = {
    Sense.FIXED: """
        درست شد|درست شده|حل شد|حل شده|برطرف شد|برطرف شده|رفع شد|رفع شده|کار میکند|کار میکنه|وصل شد|وصل شده|وصله
        باز شد|باز میشه|باز میشود|مشکلی نیست|مشکلی ندارم|مشکلی ندارد|مشکلی نداره|مشکل ندارم|مشکل ندارد|مشکل نداره
        مشکل نیست|مشکلی وجود ندارد|اوکی شد|اوکی شده|اوکیه|ردیف شد|ردیفه|خوب شد|خوب شده|درست کار میکند
        درست کار میکنه|قطع نمیشه|قطع نمیشود|قطع نشد|خراب نشد|وصل میشه|وصل میشود|حله|وصل شدم|مشکلی نداریم|قطعی ندارم""",
    Sense.BROKEN: """
        درست نشد|درست نشده|حل نشد|حل نشده|برطرف نشد|برطرف نشده|رفع نشد|رفع نشده|کار نمیکند|کار نمیکنه|کار نکرد
        وصل نشد|وصل نشده|وصل نمیشه|وصل نمیشود|باز نشد|باز نمیشه|باز نمیشود|هنوز نه|هنوز خراب|خرابه|خراب|هنوز مشکل
        قطع|قطعه|مشکل دارم|مشکل دارد|مشکل داره|مشکل هست|همان مشکل|همون مشکل|فرقی نکرد|فرقی نکرده|تغییری نکرد
        تغییری نکرده|نشد|نشده|نمیشه|نمیشود|ادامه دارد|ادامه داره|پابرجاست|نمیتونم|نمیتوانم|هنوز هم نه|هنوز نشده
        هنوز همان|هنوز همون|خراب است|کار نمیده|وارد نمیشه|هنوز همینطوره|نخیر درست نشد|اوکی نشد|اوکی نشده|خوب نشد
        خوب نشده|وصل نیست|باز نیست|در دسترس نیست|هنوزم نه|هنوز همونه|مشکل وجود دارد|ارور میده|خطا میدهد|خطا میده
        نرسید|نرسیده|نیومده|برنگشته|بدتر شد|بدتر شده|تا الان نه|هنوز منتظرم|همچنان منتظرم|قطع و وصل میشه""",
    Sense.YES: """
        بله|بلی|آره|اری|آری|درسته|کار کرد|بله شد|آره شد|خوبه|خوب است|درست است|وارد شدم|واریز شد|پولم واریز شد
        پول واریز شد""",
    Sense.NO: "نه|خیر|نخیر|متأسفانه|متاسفانه|نه فعلا|فعلا نه|درست نیست|نه بابا|همونه",
    Sense.NOT_BEFORE: "نیست",
    Sense.HEDGE: """
        اما|ولی|فقط|گاهی|بعضی|بعضی وقتها|تا حدودی|تقریبا|کند|کنده|نسبتا|جز|به جز|یکم|یه کم|کمی|ندارد|ندارم|دوستم
        همسرم|برادرم|خواهرم|بقیه|دیگران|فعلا|انگار|ظاهرا|گویا|به نظر|مثل اینکه|هنوز|همچنان|نصفه|نیمه|ناقص|سخت
        به سختی|به زور|دیر|رفت""",
    Sense.UNCLEAR: """
        اگر|اگه|شاید|فکر|فکر کنم|امیدوارم|ان شاءالله|انشاالله|کی|چرا|چطور|آیا|مگه|مگر|نه ممنون|نه مرسی|نه متشکرم
        نه تشکر|نمیدانم|نمیدونم|مطمئن|دیروز|قبلا|میگید|میگویید|گفتید|چه|چی|کجا|نه نیازی نیست|گفته بودید|نوشتید
        نوشته|نوشته بودید|قرار|باید|کنید|لطفا درست کنید|کاش|کاشکی|بود|باشد|باشه که|میگن|میگویند|گفتن|گفتند|نوشتن
        نوشتند|نمیتوان|دروغ|دروغه|نه خدا رو شکر|نه خدا را شکر|نه خداروشکر|همون مشکل نیست|همان مشکل نیست|بله لطفا""",
    Sense.FILLER: """
        ممنون|ممنونم|مرسی|متشکرم|تشکر|سپاس|سپاسگزارم|الان|حالا|دیگه|دیگر|برای|برام|برایم|من|ما|همه|چیز|همه چیز|سلام
        است|شد|شده|خیلی|خوب|عالی|هیچ|هم|و|از|شما|لطفا|بالاخره|خداروشکر|خدا را شکر|این|کاملا|کامل|امتیاز|نمره|اینجا
        عزیز|دوستان|گرامی|با|پیگیری|پیگیریتون|پشتیبانی|باشه|اوکی|دست شما درد نکنه|هست|خدا رو شکر|خوشبختانه|عزیزم
        دمتون گرم|دمت گرم|دستتون درد نکنه|دستت درد نکنه|همه چی|واقعا|بابت""",
    Sense.TOPIC: """
        مشکل|مشکلم|مشکلی|خطا|ارور|قطعی|دوباره|برنامه|حسابم|کارت|کارتم|اینترنت|اینترنتم|نت|نتم|پرداخت|پول|پولم
        سایت|خط|خطم""",
}  # fmt: skip
# Words that mean this in one language only, or would be something else in another one.
_ONLY_IN = {
    "tr": {Sense.NO: "yok|yo|yoo|yok ya", Sense.YES: "he|hee|he evet"},
    "fa": {
        Sense.YES: "bale|are|baleh|areh",
        Sense.NO: "na|kheir|nakheir",
        Sense.FIXED: "dorost shod|hal shod|kar mikone|moshkeli nist|hal shode|dorost shode",
        Sense.BROKEN: "dorost nashod|hal nashod|kar nemikone|hanuz na|hanooz na|dorost nashode|hal nashode",
    },
}


def _table(*sheets: Mapping[Sense, str]) -> dict[str, Sense]:
    return {
        fold(phrase.strip()): sense
        for sheet in sheets
        for sense, lines in sheet.items()
        for line in lines.splitlines()
        for phrase in line.split("|")
        if phrase.strip()
    }


SENSES: Mapping[str, Sense] = _table(_ENGLISH, _TURKISH, _PERSIAN)
SPOKEN_IN: Mapping[str, Mapping[str, Sense]] = {language: _table(sheet) for language, sheet in _ONLY_IN.items()}
