package scan

import (
	"strings"

	"mininfo/internal/dataset"
)

// where says in which tables a name means what a rule says.
type where uint8

const (
	anywhere where = iota // the word says it all: e-mail, fødselsnummer
	people                // in tables whose rows are people, belong to people or are addresses
	rows                  // in tables whose rows are people, and nowhere else
	deals                 // in what people bought, said or did
)

// sorts of columns that a rule holds for.
const (
	textual = 1 << iota
	numeric
	dated
	truth
	document
	binary
)

// rule says what columns hold whose names end in one of the words.
type rule struct {
	words      string
	category   string
	where      where
	sorts      uint8
	identity   string
	shape      shape // what values must look like, where values are seen
	special    string
	nationalID bool
	name       bool // a word that only a person's word before it makes a person's name
	weak       bool // asked about unless values agree
}

const (
	catEmail    = "user.contact.email"
	catPhone    = "user.contact.phone_number"
	catName     = "user.name"
	catAddress  = "user.contact.address"
	catStreet   = "user.contact.address.street"
	catCity     = "user.contact.address.city"
	catState    = "user.contact.address.state"
	catCountry  = "user.contact.address.country"
	catPostal   = "user.contact.address.postal_code"
	catOrg      = "user.contact.organization"
	catNational = "user.government_id.national_identification_number"
	catUnique   = "user.unique_id"
	catBirth    = "user.demographic.date_of_birth"
	catAccount  = "user.financial.bank_account"
	catCard     = "user.financial.credit_card"
	catIP       = "user.device.ip_address"
	catURL      = "user.contact.url"
	catContent  = "user.content"
	catPrivate  = "user.content.private"
	catPurchase = "user.behavior.purchase_history"
	catPayment  = "user.payment"
	catPoint    = "user.location.precise"
	catConsent  = "user.privacy_preferences"
	catHealth   = "user.health_and_medical"
	catCookie   = "user.device.cookie_id"
	catBrowsing = "user.behavior.browsing_history"
	catDevice   = "user.device"
)

// rules are read once into a table by word; a word stands in one rule only.
var rules = []*rule{
	{words: `epost epostadresse epostadr mail mails mailadresse email emailaddress emailaddr emailadr emails mailaddress mailaddr eadresse eposter fromaddress toaddress`,
		category: catEmail, sorts: textual, identity: "email", shape: looksEmail},
	{words: `telefon telefonnummer telefonnr telefonnum tlf tlfnr tlfnummer tlfno mobil mobilnr mobilnummer mobiltelefon mobiltlf mobiltelefonnummer phone phonenumber phoneno
		phonenr phonenum phones telephone telephonenumber telephoneno tel telno telnr mobile mobileno mobilenumber mobilephone mobilephonenumber cell cellphone cellno cellular
		msisdn contactnumber contactphone smsnumber whatsapp whatsappnumber telefonmobil telefonprivat`,
		category: catPhone, sorts: textual | numeric, identity: "phone_number", shape: looksPhone | looksNumber8},
	{words: `extension linjenummer internnummer`, category: catPhone, where: rows, sorts: textual | numeric},
	{words: `fax faxnumber faxno faxnr faks faksnr faksnummer telefaks telefax`, category: "user.contact.fax_number", sorts: textual | numeric},
	{words: `fodselsnummer fodselsnr foedselsnummer foedselsnr fodselnummer fodselnr fnr dnummer dnr personnummer personnr personident ssn socialsecuritynumber socialsecurityno socialsecurity
		socialsecuritynr nationalid nationalidnumber nationalidno nationalidentitynumber nationalidentificationnumber nationalidentitynr nationalidentity personalidentitynumber
		nationalinsurancenumber nino cpr cprnr cprnummer taxpayerid personalnumber personalidnumber idnummer fodselsogpersonnummer personidentifikator nin`,
		category: catNational, sorts: textual | numeric, nationalID: true, shape: looksNationalID},
	{words: `passportnumber passportno passportnr passport passnummer passnr`, category: "user.government_id.passport_number", sorts: textual | numeric},
	{words: `driverslicense driverslicence driverlicense driverlicence driverslicensenumber driverlicensenumber driverlicenseno licensenumber drivinglicence drivinglicense drivinglicencenumber
		forerkort forerkortnummer forerkortnr forarkort forarkortnummer`, category: "user.government_id.drivers_license_number", where: people, sorts: textual | numeric},
	{words: `regnr registreringsnummer registreringsnr skiltnummer skiltnr bilnummer bilnr licenseplate licenceplate numberplate platenumber plateno registrationplate vehicleregistration vin chassisnumber understellsnummer`,
		category: "user.government_id.vehicle_registration", where: people, sorts: textual},
	{words: `fodselsdato foedselsdato fodselsdag foedselsdato fodt fodd fodtdato foddato foedt dateofbirth birthdate birthday dob birthdt birth fdato fodselsar birthyear yearofbirth fodear fodselsaar bursdag
		birthdaydate borndate born fodedato fodeaar`, category: catBirth, sorts: textual | dated | numeric, shape: looksDate},
	{words: `fodested fodestad fodeland birthplace placeofbirth birthcity birthcountry countryofbirth hometown nationality nasjonalitet statsborgerskap statsborgarskap citizenship`,
		category: "user.demographic", where: people, sorts: textual},
	{words: `alder age aldersgruppe agegroup agerange`, category: "user.demographic.age_range", where: rows, sorts: textual | numeric},
	{words: `kjonn kjoenn gender sex sexcode gendercode kjonnskode pronouns pronomen`, category: "user.demographic.gender", where: people, sorts: textual | numeric | truth},
	{words: `sivilstand sivilstatus ekteskapeligstatus maritalstatus marital civilstatus`, category: "user.demographic.marital_status", where: people, sorts: textual | numeric},
	{words: `sprak malform language preferredlanguage locale lang morsmal foretrukketsprak sprakkode languagecode`, category: "user.demographic.language", where: rows, sorts: textual},
	{words: `etnisitet etniskbakgrunn ethnicity ethnicgroup race etnisk`, category: "user.demographic.race_ethnicity", where: people, sorts: textual, special: "ethnicity"},
	{words: `religion trossamfunn livssyn tru tro livssynssamfunn faith denomination religiousbelief religiousaffiliation konfesjon menighet`, category: "user.demographic.religious_belief", where: people, sorts: textual, special: "religion"},
	{words: `politiskparti partimedlemskap politicalparty politicalopinion politicalaffiliation politisksyn partitilhorighet`, category: "user.demographic.political_opinion", where: people, sorts: textual, special: "politics"},
	{words: `seksuellorientering seksuelllegning legning sexualorientation`, category: "user.demographic.sexual_orientation", where: people, sorts: textual, special: "sexual_orientation"},
	{words: `fagforening fagforbund fagforeningsmedlem fagforeiningsmedlem fagforeining tradeunion unionmember unionmembership unionname labourunion laborunion fagforeningstrekk fagforeningskontingent uniondues unionfee kontingenttrekk`,
		category: "user.demographic.trade_union_membership", where: people, sorts: textual | truth | numeric, special: "union"},
	{words: `diagnose diagnoser diagnosekode diagnosis diagnoses diagnosiscode icd icdcode allergi allergier allergiar allergy allergies allergier sykdom sjukdom sykdommer sykmelding sjukmelding sykefravar sykefravaer sjukefravaer sykedager sjukedagar sykdomsdager
		sickleave sickdays sicknote helseopplysninger helseopplysningar helse helsetilstand health healthnotes healthinfo healthcondition healthconditions medicalhistory medicalnotes medicalcondition medicalconditions medicalinfo medisin
		medisiner medikament medisinering medication medications medicine symptom symptomer symptoms funksjonsnedsettelse funksjonsnedsetting disability disabilities handicap bloodtype bloodgroup blodtype behandling treatment
		pregnancy pregnant gravid gravidtermin vaccination vaksinasjon vaksine dietary dietaryneeds dietaryrequirements kosthold matallergi tilretteleggingsbehov tilrettelegging spesiellebehov specialneeds bmi weightkg heightcm
		bloodpressure blodtrykk labresult testresultat sykehistorie sjukehistorie legemiddel legemidler dosering dosage drug drugname prescription journalnotat journaltekst clinicalnotes anamnese epikrise`,
		category: catHealth, where: people, sorts: textual | truth | numeric | document, special: "health"},
	{words: `journalnummer journalnr medicalrecordnumber mrn patientnumber pasientnummer pasientnr patientno`, category: "user.health_and_medical.record_id", where: people, sorts: textual | numeric},
	{words: `insurancenumber insuranceid insurancepolicynumber healthinsurancenumber forsikringsnummer`, category: "user.health_and_medical.insurance_beneficiary_id", where: people, sorts: textual | numeric},
	{words: `straffehistorikk vandel vandelsattest politiattest criminalrecord criminalhistory convictions domfellelser`, category: "user.criminal_history", where: people, sorts: textual | truth | dated, special: "criminal"},

	{words: `orgnr orgnummer orgno organisasjonsnummer organisasjonsnr organisationnumber organizationnumber organisationno organizationno orgnumber vatnumber vatno vatid mvanr mvanummer foretaksnummer foretaksnr companynumber`,
		category: catOrg, where: people, sorts: textual | numeric, shape: looksOrg},
	{words: `firmanavn firmanamn firma bedrift bedriftsnavn bedriftsnamn virksomhet virksomhetsnavn verksemd selskap selskapsnavn selskapsnamn company companyname organisation organization organisationname
		organizationname orgname organisasjon organisasjonsnavn arbeidsgiver arbeidsgivar arbeidsgjevar employer employername businessname business workplace arbeidssted arbeidsstad foretaksnavn`,
		category: catOrg, where: rows, sorts: textual},

	{words: `kontonummer kontonr bankkonto bankkontonr bankkontonummer bankaccount bankaccountnumber bankaccountno bankaccountnr accountnumber accountno accountnr iban ibannumber utbetalingskonto lonnskonto lonskonto sortcode routingnumber`,
		category: catAccount, where: people, sorts: textual | numeric, shape: looksAccount | looksIBAN},
	{words: `kortnummer kortnr betalingskort kredittkort kredittkortnummer creditcard creditcardnumber creditcardno cardnumber cardno cardnum ccnumber ccnum ccno pan cardlast cardlastfour lastfour cclast cvv cvc
		cardexpiry cardexpires cardexpiration expirydate ccexp ccexpiry cardholder cardtype cardbrand creditcardtype creditcardexpiry debitcard maskedpan kortholder kortutlop`,
		category: catCard, where: people, sorts: textual | numeric | dated},
	{words: `sal comm lonn loenn arslonn arslon manedslonn manadslon timelonn bruttolonn bruttolon nettolonn nettolon bruttobelop nettobelop lonnstrinn salary salaries basesalary annualsalary monthlysalary hourlyrate hourlywage wage wages payrate gross grosspay netpay
		grosssalary netsalary bonus commission commissionpct provisjon income inntekt arsinntekt annualincome skatt skattetrekk skatteprosent skattekort taxdeducted trekkprosent pension pensjon gjeld debt
		creditlimit kredittgrense creditscore kredittscore kredittvurdering creditrating balance accountbalance saldo kundesaldo outstandingbalance networth`,
		category: "user.financial", where: people, sorts: textual | numeric},

	{words: `fornavn fornamn forenavn forenamn firstname givenname forename fname first given middlename mellomnavn mellomnamn mname middleinitial middle initials initialer mi`, category: "user.name.first", sorts: textual, shape: looksWord},
	{words: `etternavn etternamn lastname last surname familyname lname sname slektsnavn maidenname pikenavn familienavn`, category: "user.name.last", sorts: textual, shape: looksWord},
	{words: `ename fulltnavn fulltnamn fullnavn fullname personname personnavn displayname visningsnavn visningsnamn nickname kallenavn kallenamn preferredname realname legalname contactperson kontaktperson kontaktpersoner
		cardholdername attention attn namesuffix nameprefix suffix salutation titleofcourtesy honorific tiltale`, category: catName, where: people, sorts: textual},
	{words: `navn namn name names`, category: catName, where: people, sorts: textual, name: true},
	{words: `kontakt contact kunde customer client klient mottaker mottakar recipient avsender avsendar sender avsendernavn bestiller innsender innmelder passenger passasjer deltaker deltakar pasient patient medlem member gjest guest eier owner author forfatter
		reporter applicant soker signatory signedby reviewer borrower buyer kjoper beneficiary`, category: catName, where: people, sorts: textual, weak: true, shape: looksName},
	{words: `brukernavn brukarnamn username userlogin login loginname loginid handle screenname uname logon logonname samaccountname userprincipalname brukerident`, category: "user.account.username", where: people, sorts: textual},
	{words: `passord password passwd passwordhash passordhash hashedpassword encryptedpassword passwordsalt passordsalt passworddigest pwd pwdhash pass pwhash passhash passwordencrypted hashedpwd pinhash pinkode pincode`,
		category: "user.authorization.password", sorts: textual | binary | numeric},
	{words: `accesstoken refreshtoken apitoken apikey remembertoken resettoken resetpasswordtoken passwordresettoken confirmationtoken verificationtoken authtoken securityanswer securityquestion twofactorsecret totpsecret mfasecret otpsecret
		twofactorrecoverycodes recoverycodes invitationtoken activationtoken activationcode otp otpcode resetkey activationkey secretkey securitystamp unlocktoken magiclinktoken token authkey`,
		category: "user.authorization.credentials", where: people, sorts: textual | binary | document | numeric},
	{words: `externalid facebookid googleid githubid appleid vippsid bankidpid pid ssosubject sub openid oauthid provideruserid`, category: catUnique, where: rows, sorts: textual | numeric},
	{words: `stilling stillingstittel stillingsnavn job yrke yrkestittel jobtitle jobposition occupation profession designation jobbtittel tittel title contacttitle position jobrole jobfunction funksjon`,
		category: "user.job_title", where: rows, sorts: textual},
	{words: `hiredate hired hiredon startdate startdato ansattdato ansettelsesdato tiltredelse tiltredelsesdato sluttdato terminationdate employmentdate employmentstart employmentend ansattfra ansattsiden
		avdeling department departmentname avdelingsnavn employmenttype stillingsprosent stillingsbrok performancerating performancereview medarbeidersamtale appraisal assessment hiredon tilsetjingsdato`, category: "user.workplace", where: rows, sorts: textual | dated | numeric, weak: false},

	{words: `gateadresse gatenavn gatenamn gate veiadresse vegadresse veinavn vegnavn vei veg husnummer husnr gatenr gatenummer street streetname streetaddress streetno streetnumber housenumber houseno housenr road line linje
		addressline adresselinje addrline bruksenhetsnummer bolignummer apartment apartmentnumber aptno postboks pobox`, category: catStreet, where: people, sorts: textual | numeric},
	{words: `adresse adr address addr postadresse bostedsadresse bustadadresse besoksadresse leveringsadresse fakturaadresse hjemmeadresse heimeadresse postaladdress mailingaddress homeaddress shippingaddress billingaddress deliveryaddress fulladdress residence residentialaddress coadresse co careof bosted`,
		category: catAddress, where: people, sorts: textual | document},
	{words: `postnummer postnr postkode postalcode postcode postal zipcode zip zippostalcode postalzip`, category: catPostal, where: people, sorts: textual | numeric},
	{words: `poststed poststad by bynavn city cityname town townname sted stad tettsted bosteds suburb village municipality kommune kommunenavn locality stad bustad bydel`, category: catCity, where: people, sorts: textual},
	{words: `fylke fylkenavn state stateprovince province county region district statecode provincecode countrystate bydistrikt distrikt`, category: catState, where: people, sorts: textual},
	{words: `land landkode landnavn country countrycode countryname countryiso nasjon`, category: catCountry, where: people, sorts: textual},

	{words: `ip ipadresse ipaddress ipaddr ipv ipnummer remoteip remoteaddr remoteaddress clientip userip sourceip hostip loginip`, category: catIP, sorts: textual | numeric, shape: looksIP},
	{words: `useragent brukeragent browser nettleser nettlesar agent`, category: catDevice, where: deals, sorts: textual},
	{words: `devicename devicemodel devicetype device operatingsystem osversion osname enhet screenresolution`, category: catDevice, where: deals, sorts: textual},
	{words: `deviceid deviceuuid devicetoken pushtoken fcmtoken apnstoken imei imsi udid advertisingid idfa gaid macaddress macadresse mac serialno fingerprint enhetsid devicefingerprint`, category: "user.device.device_id", where: people, sorts: textual | numeric},
	{words: `cookie cookies cookieid cookieidentifier cookievalue visitorid visitoruuid clientuuid anonymousid gclid fbclid trackingid sessionid sessiontoken sessionkey sessionuuid session sid oktid okt sesjonid sesjonsid sesjon phpsessid gaclientid`,
		category: catCookie, where: deals, sorts: textual | numeric},
	{words: `searchquery searchterm searchterms searchphrase query sokeord sokeuttrykk soketekst keywords sokestreng searchtext`, category: "user.behavior.search_history", where: deals, sorts: textual},
	{words: `pageurl requesturl referrer referer referrerurl refererurl landingpage visitedurl requestpath requesturi uri pagepath page path sti sideurl utmsource utmmedium utmcampaign`, category: catBrowsing, where: deals, sorts: textual},
	{words: `latitude longitude lat lng lon long breddegrad lengdegrad gps gpsposition gpslat gpslng gpscoordinates coordinates koordinater geolocation geopoint geom posisjon latlng latlon geolat geolng geography homelocation sistposisjon`,
		category: catPoint, where: people, sorts: textual | numeric | document},

	{words: `url website websiteurl homepage nettside hjemmeside heimeside heimeside weburl webpage personalwebsite blogurl blog personalurl web`, category: catURL, where: rows, sorts: textual},
	{words: `linkedin linkedinurl linkedinprofile facebook facebookurl twitter twitterhandle instagram instagramhandle github githubusername skype skypeid snapchat tiktok socialmedia discord slackid slackusername telegram`, category: "user.social", where: rows, sorts: textual | document},
	{words: `photo photourl photopath picture pictureurl profilepicture profileimage profilephoto profilbilde avatar avatarurl portrett portrait bilde bildeurl image imageurl foto fotourl selfie headshot`, category: "user.content.self_image", where: rows, sorts: textual | binary},
	{words: `signature signatur`, category: "user.biometric", where: people, sorts: textual | binary, weak: true},
	{words: `fingeravtrykk fingerprinthash biometric biometrics facetemplate`, category: "user.biometric", sorts: textual | binary, special: "biometric"},
	{words: `bio biography biografi aboutme about ommeg presentasjon introduction cv cvtext resume soknadstekst soknadsbrev coverletter letter brev motivation motivasjon interests interesser hobbies hobby`, category: "user.content", where: rows, sorts: textual | document | binary},
	{words: `merknad merknader notat notater kommentar kommentarer anmerkning anmerkninger note notes remark remarks comment comments commenttext internalnotes internnotat interntnotat fritekst beskjed adminnotes freetext observasjon observation begrunnelse arsak reason specialrequests specialrequest onsker spesielleonsker`,
		category: catContent, where: people, sorts: textual | document},
	{words: `melding meldingstekst message messagetext messagebody body content innhold innhald tekst text emne subject subjectline brodtekst bodytext bodyhtml contents svar answer answertext response reply tilbakemelding feedback spørsmal sporsmal question
		kundemelding customermessage deliveryinstructions leveringsinstruks gavehilsen giftmessage hilsen anmeldelse omtale review reviewtext reviewtitle reviewcomment testimonial klage klagetekst complaint transcript samtale henvendelse headline excerpt caption posttext`,
		category: catPrivate, where: deals, sorts: textual | document},
	{words: `description beskrivelse skildring detaljer details problem issue sammendrag summary`, category: catContent, where: deals, sorts: textual | document, weak: true, shape: looksProse},
	{words: `samtykke samtykker samtykkenyhetsbrev consent consents consentgiven consenttext consentversion markedsforing reservasjon reservert reservertmarkedsforing nyhetsbrev nyheitsbrev newsletter newsletteroptin newslettersubscribed subscribednewsletter optin optout optedin optedout marketingoptin emailoptin smsoptin marketingconsent
		marketingconsents gdprconsent cookieconsent marketing markedsforingssamtykke acceptsmarketing marketingemails emailmarketing donottrack donotcontact donotcall samtykketekst unsubscribed allowsmarketing nyhetsbrevsamtykke epostsamtykke smssamtykke sporingssamtykke consentgivenat consentat samtykkedato consentwording consented consentedat subscribedon unsubscribedon subscribedat unsubscribedat`,
		category: catConsent, where: people, sorts: textual | truth | numeric | dated | document},
	{words: `settings preferences preferanser usersettings brukerinnstillinger notificationsettings notificationpreferences varslingsinnstillinger innstillinger`, category: "user.account.settings", where: rows, sorts: textual | document},
	{words: `relasjon relation relationship slektskap`, category: "user.social", where: people, sorts: textual},
	{words: `antallbarn barn children numberofchildren numchildren`, category: "user.demographic", where: rows, sorts: textual | numeric},
	{words: `totalt total totalamount totalprice totalpris totalbelop amount belop sum ordersum ordretotal ordretotalt ordertotal grandtotal subtotal amountpaid paidamount innbetalt amountdue totalcost totalkr totalore belopore belopkr sumkr totalsum fakturabelop invoicetotal invoiceamount paymentamount`,
		category: catPurchase, where: deals, sorts: numeric},
	{words: `productname produktnavn produktnamn varenavn varenamn varetekst itemname itemdescription produkt product vare linjetekst productdescription artikkel artikkelnavn`, category: catPurchase, where: deals, sorts: textual},
	{words: `betalingsmetode betalingsmate paymentmethod paymenttype betalingsmiddel paymentreference betalingsreferanse kidnummer kidnr kid transactionid vippsnummer paymentdetails`, category: catPayment, where: deals, sorts: textual},
}

// byWord holds the rules by the words of their names.
var byWord = func() map[string]*rule {
	out := map[string]*rule{}
	for _, r := range rules {
		if _, ok := dataset.CategoryName(r.category); !ok {
			panic("scan: a rule has a category that is not in the taxonomy: " + r.category)
		}
		for w := range strings.FieldsSeq(r.words) {
			if other := out[w]; other != nil && other != r {
				panic("scan: a word stands in two rules: " + w)
			}
			out[w] = r
		}
	}
	return out
}()

// personal words before a word such as name make it a person's.
var personal = set(`full contact kontakt kontaktperson recipient mottaker mottakar mottakers sender avsender avsenders ship shipping shipto delivery levering leverings bill billing billto faktura faktur invoice holder eiers eier owner
	display legal given preferred real user bruker brukers guest gjest author attn payer betaler betalers payee mottakerens applicant sokers soker from to reply by patient pasient pasientens kundens persons person contactperson
	customer kunde client klient member medlem medlems employee ansatt student elev first middle last maiden birth home hjem privat work jobb emergency parorende parorendes reviewer passenger passasjer deltaker deltakers
	subscriber visitor donor giver participant parent forelder foresatt foresattes spouse ektefelle partner referanse reference referee buyer kjoper signer reporter requester bestiller bestillers innsender innsenders
	primary secondary alternate alternative main backup your my account konto signup registrant lead prospect candidate kandidat teacher laerer doctor lege tenant leietaker resident beboer player spiller volunteer
	folge ordre order bestilling besok visiting mailing postal permanent current residential company`)

// alien words before a word make it something else than a person's.
var alien = set(`product produkt vare item file fil document dokument table tabell column kolonne host server domain domene event arrangement category kategori type role rolle group gruppe team tag course kurs class klasse
	project prosjekt campaign kampanje template mal page side app application system device brand merke model plan service tjeneste store butikk shop department avdeling office kontor warehouse lager branch
	country land city by region county kommune fylke street gate language sprak currency valuta status state field felt key nokkel param index database schema function class method module package
	film movie book album track song artist genre playlist media image bilde logo icon ikon theme color farge size job queue setting option attribute property variant sku collection menu link image video audio
	bank school skole ward unit organization organisation firma bedrift selskap supplier leverandor vendor shipper manufacturer hotel room rom vessel car bil vehicle animal pet dyr species exam fag subject session
	web url mac memory wallet contract program process thread error exception resource image game spill channel kanal list liste level session protocol config menu node cluster queue topic species`)

// others are words of columns that hold data about somebody else than the row is about.
var others = set(`parorende parorendes parorande nodkontakt naudkontakt nextofkin kin nok emergency emergencycontact ektefelle ektefelles spouse partner partners foresatt foresattes foresett forelder foreldre guardian parent
	mother father mor far mors fars mothers fathers referees referanser referanse referanseperson referee reference counterparty motpart`)

// handles are words of columns that point at whoever handled a row, who is not whom it is about.
var handles = set(`createdby updatedby modifiedby deletedby changedby editedby approvedby assignedto assignedby assignee assigned instruktor handledby processedby verifiedby lastmodifiedby manager mgr supervisor reportsto boss leder leiar
	overordnet supportrep salesrep salesperson salesman seller selger seljar saksbehandler saksbehandlar behandler behandlar ansvarlig ansvarleg kontaktansvarlig opprettetav opprettaav endretav endraav registrertav godkjentav
	behandletav utfortav rep representative accountmanager advisor radgiver coach operator approver reviewer handler dispatcher recordedby enteredby issuedby performedby instructor teacher laerer kontaktlaerer doctor lege
	fastlege therapist terapeut agent moderator closedby resolvedby caseworker recruiter responsible managerstaff owneruser prescriber tildelt tildelttil updater creator opprettet sistendretav deletedbyuser cashier ekspedient caretaker managedby`)

// received and retained are words of the dates that a row came in and that it is kept from.
var (
	received = set(`registrert registrertdato registreringsdato opprettet opprettetdato oppretta created createdat createdon createdate creationdate datecreated mottatt mottattdato motteke received receivedat receivedon innmeldt innmeldtdato
		signupdate signedup signedupat registeredat registeredon registrationdate joined joindate joinedat memberssince membersince orderdate ordredato ordered orderedat orderedon bestilt bestiltdato bestillingsdato invoicedate fakturadato
		submittedat sentat kjopsdato purchasedate purchasedat paymentdate rentaldate bookingdate subscribedat subscribedon soknadsdato applicationdate innsendt placedat datereceived dateadded addedon opprettettid opprettettidspunkt tidspunkt`)
	retained = set(`fakturadato bilagsdato invoicedate issuedon issuedate sluttdato enddate endedon sistekjop sistekjopsdato avsluttet avsluttetdato utmeldt utmeldtdato closedat closedon lastorderon lastorderdate lastpurchase lastactivity lastactivityat sistaktiv
		orderdate ordredato bestilt bestillingsdato bestiltdato ordered orderedat orderedon paymentdate paidat paidon betaltdato betalt terminationdate unsubscribedat completedat purchasedate soknadsdato applicationdate rentaldate returndate lastloginat lastlogin`)
)

// restricted are words of columns that may say that a row is only stored (Art. 18).
var restricted = set(`restricted isrestricted restrictedprocessing processingrestricted restrictprocessing donotprocess gdprrestricted sperret ersperret sperra behandlingsperret begrenset erbegrenset avgrensa eravgrensa behandlingbegrenset`)

// known tells whether something is a word of our own, so that a longer one may be split there.
func known(first, head string) bool {
	if safeHeads[head] {
		return true
	}
	for _, form := range append(singulars(first), strings.TrimSuffix(first, "s"), strings.TrimSuffix(first, "e")) {
		if _, is := nouns[form]; is || personal[form] || alien[form] || others[form] || qualifiers[form] {
			return true
		}
	}
	return false
}

// safeHeads end no other words than those that are put together with them.
var safeHeads = set(`epost epostadresse email emailaddress telefon telefonnummer telefonnr mobil mobilnummer phone phonenumber adresse address navn namn fornavn etternavn firstname lastname postnummer postnr poststed postalcode
	zipcode fodselsdato fodselsnummer fodselsnr personnummer kontonummer kontonr merknad kommentar notat username password passord birthdate orgnr organisasjonsnummer tlf`)
