import type { Locale } from '../text/format';

interface HelpText {
  title: string;
  lead: string;
  answers: readonly { id: string; question: string; answer: string }[];
}

/**
 * What people ask about these pages, answered in few words. It stands apart from the other texts: few
 * read it, and the first page is to be light.
 */
export const helpTexts: Record<Locale, HelpText> = {
  nb: {
    title: 'Hjelp',
    lead: 'Slik bruker du disse sidene. Står du fast, kan du alltid ringe eller skrive til oss.',
    answers: [
      {
        id: 'ask',
        question: 'Hva kan jeg be om?',
        answer:
          'Du kan be om å få se, rette eller slette opplysninger om deg. På forsiden står alt du kan be om, og hva hvert valg betyr. Det koster ingenting, og du trenger ikke si hvorfor.',
      },
      {
        id: 'how',
        question: 'Hvordan gjør jeg det?',
        answer:
          'Velg hva du vil. Skriv e-postadressen din. Vi sender deg en kode. Skriv koden, svar på det siden spør om, og send. Da får du en kvittering med saksnummer og svarfrist.',
      },
      {
        id: 'mail',
        question: 'E-posten kommer ikke',
        answer:
          'Vent noen minutter, og se i søppelpost. Sjekk at adressen er riktig skrevet. Du kan be om en ny kode på siden der koden skal stå. Kommer den fortsatt ikke, ring eller skriv til oss.',
      },
      {
        id: 'device',
        question: 'Jeg leser e-post på en annen enhet',
        answer:
          'Bruk koden. Les den der e-posten er, og skriv den på denne siden. Store og små bokstaver og mellomrom betyr ingenting. Lenken i e-posten virker bare der du begynte.',
      },
      {
        id: 'lost',
        question: 'Mister jeg det jeg har skrevet?',
        answer:
          'Nei. Det du har skrevet, blir husket i dette vinduet om nettet faller ut, om du går tilbake, eller om du blir logget ut. Logg inn igjen, så er du der du var. Lukker du vinduet, er det borte.',
      },
      {
        id: 'follow',
        question: 'Hvor langt har saken kommet?',
        answer:
          'Velg «Følg saken din» og logg inn med en kode. Der ser du hva som har skjedd, når du får svar, og hvorfor det er den datoen. Du kan skrive til oss og legge ved filer der.',
      },
      {
        id: 'copy',
        question: 'Hvordan får jeg kopien?',
        answer:
          'Du får e-post når den er klar. Åpne saken og velg «Last ned». Vi sender en ny kode, så ingen andre kan hente den. I filen ligger en side som du kan åpne uten nett, og skrive ut.',
      },
      {
        id: 'wrong',
        question: 'Noe er feil eller mangler',
        answer:
          'Velg «Rette noe som er feil» på forsiden. Du får se opplysningene vi har, og skriver hva som er riktig. Mangler det noe i et svar, skriv til oss i saken.',
      },
      {
        id: 'undo',
        question: 'Kan jeg ombestemme meg?',
        answer:
          'Ja. Du kan trekke kravet i saken din så lenge det ikke er besvart. En sletting venter litt før den blir utført, og til da kan du stanse den.',
      },
      {
        id: 'no',
        question: 'Hva om jeg er uenig?',
        answer:
          'Skriv til oss i saken, så ser vi på den igjen. Du kan også klage til Datatilsynet. Hvordan du gjør det, står i svaret.',
      },
      {
        id: 'person',
        question: 'Jeg vil ha hjelp av et menneske',
        answer:
          'Du trenger ikke bruke disse sidene. Ring, skriv eller kom innom. Fristen er den samme.',
      },
    ],
  },
  nn: {
    title: 'Hjelp',
    lead: 'Slik bruker du desse sidene. Står du fast, kan du alltid ringje eller skrive til oss.',
    answers: [
      {
        id: 'ask',
        question: 'Kva kan eg be om?',
        answer:
          'Du kan be om å få sjå, rette eller slette opplysningar om deg. På framsida står alt du kan be om, og kva kvart val tyder. Det kostar ingenting, og du treng ikkje seie kvifor.',
      },
      {
        id: 'how',
        question: 'Korleis gjer eg det?',
        answer:
          'Vel kva du vil. Skriv e-postadressa di. Vi sender deg ein kode. Skriv koden, svar på det sida spør om, og send. Då får du ei kvittering med saksnummer og svarfrist.',
      },
      {
        id: 'mail',
        question: 'E-posten kjem ikkje',
        answer:
          'Vent nokre minutt, og sjå i søppelposten. Sjekk at adressa er rett skriven. Du kan be om ein ny kode på sida der koden skal stå. Kjem han framleis ikkje, ring eller skriv til oss.',
      },
      {
        id: 'device',
        question: 'Eg les e-post på ei anna eining',
        answer:
          'Bruk koden. Les han der e-posten er, og skriv han på denne sida. Store og små bokstavar og mellomrom tyder ingenting. Lenkja i e-posten verkar berre der du byrja.',
      },
      {
        id: 'lost',
        question: 'Mistar eg det eg har skrive?',
        answer:
          'Nei. Det du har skrive, blir hugsa i dette vindauget om nettet fell ut, om du går tilbake, eller om du blir logga ut. Logg inn att, så er du der du var. Lukkar du vindauget, er det borte.',
      },
      {
        id: 'follow',
        question: 'Kor langt har saka kome?',
        answer:
          'Vel «Følg saka di» og logg inn med ein kode. Der ser du kva som har hendt, når du får svar, og kvifor det er den datoen. Du kan skrive til oss og leggje ved filer der.',
      },
      {
        id: 'copy',
        question: 'Korleis får eg kopien?',
        answer:
          'Du får e-post når han er klar. Opne saka og vel «Last ned». Vi sender ein ny kode, så ingen andre kan hente han. I fila ligg ei side som du kan opne utan nett, og skrive ut.',
      },
      {
        id: 'wrong',
        question: 'Noko er feil eller manglar',
        answer:
          'Vel «Rette noko som er feil» på framsida. Du får sjå opplysningane vi har, og skriv kva som er rett. Manglar det noko i eit svar, skriv til oss i saka.',
      },
      {
        id: 'undo',
        question: 'Kan eg ombestemme meg?',
        answer:
          'Ja. Du kan trekkje kravet i saka di så lenge det ikkje er svart på. Ei sletting ventar litt før ho blir utført, og til då kan du stanse ho.',
      },
      {
        id: 'no',
        question: 'Kva om eg er usamd?',
        answer:
          'Skriv til oss i saka, så ser vi på ho igjen. Du kan òg klage til Datatilsynet. Korleis du gjer det, står i svaret.',
      },
      {
        id: 'person',
        question: 'Eg vil ha hjelp av eit menneske',
        answer:
          'Du treng ikkje bruke desse sidene. Ring, skriv eller kom innom. Fristen er den same.',
      },
    ],
  },
  en: {
    title: 'Help',
    lead: 'How to use these pages. If you get stuck, you can always call or write to us.',
    answers: [
      {
        id: 'ask',
        question: 'What can I ask for?',
        answer:
          'You can ask to see, correct or delete information about you. The front page has all that you can ask for, and what each choice means. It costs nothing, and you need not say why.',
      },
      {
        id: 'how',
        question: 'How do I do it?',
        answer:
          'Choose what you want. Write your e-mail address. We send you a code. Type the code, answer what the page asks, and send. You then get a receipt with a case number and the date of the answer.',
      },
      {
        id: 'mail',
        question: 'The e-mail does not arrive',
        answer:
          'Wait a few minutes, and look in your spam folder. Check that the address is written correctly. You can ask for a new code on the page where the code goes. If it still does not arrive, call or write to us.',
      },
      {
        id: 'device',
        question: 'I read e-mail on another device',
        answer:
          'Use the code. Read it where the e-mail is, and type it on this page. Capital letters and spaces do not matter. The link in the e-mail only works where you began.',
      },
      {
        id: 'lost',
        question: 'Do I lose what I have written?',
        answer:
          'No. What you have written is remembered in this window if the network fails, if you go back, or if you are signed out. Sign in again, and you are where you were. If you close the window, it is gone.',
      },
      {
        id: 'follow',
        question: 'How far has my case come?',
        answer:
          'Choose “Follow your case” and sign in with a code. There you see what has happened, when you get an answer, and why it is that date. You can write to us and attach files there.',
      },
      {
        id: 'copy',
        question: 'How do I get the copy?',
        answer:
          'You get an e-mail when it is ready. Open the case and choose “Download”. We send a new code, so that nobody else can fetch it. The file has a page that you can open without a network, and print.',
      },
      {
        id: 'wrong',
        question: 'Something is wrong or missing',
        answer:
          'Choose “Correct something that is wrong” on the front page. You get to see the information we have, and write what is right. If something is missing in an answer, write to us in the case.',
      },
      {
        id: 'undo',
        question: 'Can I change my mind?',
        answer:
          'Yes. You can withdraw the request in your case as long as it has not been answered. A deletion waits a little before it is carried out, and until then you can stop it.',
      },
      {
        id: 'no',
        question: 'What if I disagree?',
        answer:
          'Write to us in the case, and we look at it again. You can also complain to the supervisory authority. The answer tells you how.',
      },
      {
        id: 'person',
        question: 'I want help from a human being',
        answer: 'You need not use these pages. Call, write or drop in. The time limit is the same.',
      },
    ],
  },
};
