CREATE TABLE tbl_kunde (kundenr INTEGER PRIMARY KEY, navn VARCHAR(80) NOT NULL, adresse VARCHAR(80), postnr VARCHAR(4), poststed VARCHAR(40), tlf VARCHAR(20), epost VARCHAR(120), fodselsdato DATE, kundegruppe INTEGER, kredittgrense NUMERIC(10,2),
  nyhetsbrev INTEGER, merknad TEXT, opprettet TIMESTAMP, sist_endret TIMESTAMP);
CREATE TABLE tbl_kundegruppe (id INTEGER PRIMARY KEY, navn VARCHAR(40), rabatt NUMERIC(4,1));
CREATE TABLE tbl_ordre (ordrenr INTEGER PRIMARY KEY, kundenr INTEGER, ordredato DATE, status VARCHAR(10), levnavn VARCHAR(80), levadresse VARCHAR(80), levpostnr VARCHAR(4), levpoststed VARCHAR(40), totalbelop NUMERIC(10,2), mva NUMERIC(10,2), selger VARCHAR(10), melding TEXT);
CREATE TABLE tbl_ordrelinje (ordrenr INTEGER, linjenr INTEGER, varenr VARCHAR(12), varenavn VARCHAR(80), antall INTEGER, pris NUMERIC(10,2), PRIMARY KEY (ordrenr, linjenr));
CREATE TABLE tbl_vare (varenr VARCHAR(12) PRIMARY KEY, navn VARCHAR(80), beskrivelse TEXT, pris NUMERIC(10,2), beholdning INTEGER, leverandornr INTEGER, farge VARCHAR(20));
CREATE TABLE tbl_leverandor (leverandornr INTEGER PRIMARY KEY, firmanavn VARCHAR(80), orgnr VARCHAR(9), kontaktperson VARCHAR(60), epost VARCHAR(80), telefon VARCHAR(20));
CREATE TABLE tbl_poststed (postnr VARCHAR(4) PRIMARY KEY, poststed VARCHAR(40), kommune VARCHAR(40));
CREATE TABLE ansatt (ansatt_id INTEGER PRIMARY KEY, ansattnr VARCHAR(10) NOT NULL UNIQUE, fornavn VARCHAR(40) NOT NULL, etternavn VARCHAR(40) NOT NULL, fodselsnummer VARCHAR(11), stilling VARCHAR(40), epost_jobb VARCHAR(80), mobil VARCHAR(20), kontonummer VARCHAR(11),
  manedslonn NUMERIC(10,2), fagforening VARCHAR(40), parorende_navn VARCHAR(60), parorende_tlf VARCHAR(20), ansatt_dato DATE, leder_id INTEGER REFERENCES ansatt (ansatt_id));
CREATE TABLE fravaer (id INTEGER PRIMARY KEY, ansatt_id INTEGER NOT NULL REFERENCES ansatt (ansatt_id), fra_dato DATE, til_dato DATE, type VARCHAR(20), sykmelding TEXT);
CREATE TABLE medlem (id INTEGER PRIMARY KEY, medlemsnummer VARCHAR(12) NOT NULL UNIQUE, "førenamn" VARCHAR(40), etternamn VARCHAR(40), kjonn VARCHAR(1), heimeadresse VARCHAR(80), epostadresse VARCHAR(80), mobilnummer VARCHAR(20), foresatt_epost VARCHAR(80), samtykke_bilder INTEGER, allergier TEXT, innmeldt_dato DATE);
CREATE TABLE tur (id INTEGER PRIMARY KEY, tittel VARCHAR(80), beskrivelse TEXT, sted VARCHAR(60), dato DATE, pris NUMERIC(8,2));
CREATE TABLE turpamelding (id INTEGER PRIMARY KEY, tur_id INTEGER NOT NULL REFERENCES tur (id), medlem VARCHAR(12), kommentar TEXT, pameldt TIMESTAMP);
CREATE TABLE nettlogg (id INTEGER PRIMARY KEY, tidspunkt TIMESTAMP, ip_adresse VARCHAR(45), nettleser TEXT, sti VARCHAR(200), statuskode INTEGER, okt_id VARCHAR(36), kundenr INTEGER);
CREATE TABLE kontaktskjema (id INTEGER PRIMARY KEY, navn VARCHAR(80), avsender VARCHAR(120), emne VARCHAR(120), tekst TEXT, mottatt TIMESTAMP, behandlet_av VARCHAR(40));
CREATE TABLE schema_migrations (version VARCHAR(20) PRIMARY KEY, applied_at TIMESTAMP);
CREATE TABLE innstilling (nokkel VARCHAR(40) PRIMARY KEY, verdi TEXT);
INSERT INTO tbl_kundegruppe VALUES (1,'Privat',0),(2,'Klubb',10);
INSERT INTO tbl_kunde VALUES (10001,'Kari Nordmann','Fjellveien 3','5003','BERGEN','92233445','kari@example.no','1984-03-01',1,5000,1,NULL,'2021-02-03 10:00:00','2024-01-01 10:00:00'),
 (10002,'Ola Hansen','Skogveien 12','0150','OSLO','+47 41 22 33 44','ola.hansen@example.no','1972-11-23',1,0,0,'Ringte og klaget på frakten','2021-03-03 10:00:00','2024-01-01 10:00:00'),
 (10003,'Turid Bakke','Havnegata 1','7010','TRONDHEIM','73512345','turid@example.no',NULL,2,20000,1,NULL,'2022-05-03 10:00:00','2024-01-01 10:00:00'),
 (10004,'Nils Aas','Storgata 8','9008','TROMSØ','90112233','nils@example.no','1990-07-15',1,0,0,NULL,'2023-06-13 10:00:00','2024-01-01 10:00:00');
INSERT INTO tbl_ordre VALUES (5001,10001,'2024-02-01','sendt','Kari Nordmann','Fjellveien 3','5003','BERGEN',1299.00,259.80,'A01','Legg pakken i boden'),(5002,10002,'2024-02-02','betalt','Per Hansen','Skogveien 12','0150','OSLO',499.00,99.80,'A02',NULL),
 (5003,10003,'2024-02-04','ny','Turid Bakke','Havnegata 1','7010','TRONDHEIM',89.00,17.80,'A01',NULL),(5004,10001,'2024-03-04','sendt','Kari Nordmann','Fjellveien 3','5003','BERGEN',349.00,69.80,'A01',NULL);
INSERT INTO tbl_vare VALUES ('V-1001','Telt Rondane 2','Lett telt til to personer, tre sesonger, aluminiumsstenger',2999,12,900,'grønn'),('V-1002','Ullsokk','Varm sokk i merinoull til lange turer i kulda',149,240,901,'grå'),('V-1003','Kart Jotunheimen','Turkart i målestokk 1:50 000 på vannfast papir',199,40,900,NULL);
INSERT INTO tbl_ordrelinje VALUES (5001,1,'V-1001','Telt Rondane 2',1,1299),(5002,1,'V-1002','Ullsokk',2,149),(5003,1,'V-1002','Ullsokk',1,89),(5004,1,'V-1003','Kart Jotunheimen',1,199);
INSERT INTO tbl_leverandor VALUES (900,'Fjellutstyr AS','974760673','Grete Moen','grete@fjellutstyr.example','55112233'),(901,'Ull og Garn AS','985615616','Arne Lie','arne@ull.example','56112233');
INSERT INTO tbl_poststed VALUES ('5003','BERGEN','Bergen'),('0150','OSLO','Oslo'),('7010','TRONDHEIM','Trondheim'),('9008','TROMSØ','Tromsø');
INSERT INTO ansatt VALUES (1,'A01','Siri','Lunde','01418750088','Butikksjef','siri@fjellsport.example','91000001','86011117947',52000,'Handel og Kontor','Jon Lunde','91000002','2015-08-01',NULL),
 (2,'A02','Jonas','Berg','17827550086','Selger','jonas@fjellsport.example','91000003','12345678903',41000,NULL,'Eva Berg','91000004','2019-01-15',1);
INSERT INTO fravaer VALUES (1,1,'2024-01-08','2024-01-10','sykdom','Influensa, egenmelding levert dagen etter'),(2,2,'2024-02-01','2024-02-05','ferie',NULL);
INSERT INTO medlem VALUES (1,'FS-20001','Ingrid','Vik','K','Øvregata 4, 6800 Førde','ingrid@example.no','95111222','mor.vik@example.no',1,'Nøtteallergi','2020-01-01'),(2,'FS-20002','Lars','Myhre','M','Elvevegen 2, 6850 Sogndal','lars@example.no','95111333',NULL,0,NULL,'2021-01-01'),
 (3,'FS-20003','Hanne','Dahl','K','Strandgata 9, 6856 Sogndal','hanne@example.no','95111444',NULL,1,NULL,'2021-05-01'),(4,'FS-20004','Odd','Haug','M','Kyrkjevegen 7, 6800 Førde','odd@example.no','95111555',NULL,1,'Gluten','2022-05-01'),(5,'FS-20005','Berit','Sande','K','Fjordvegen 1, 6800 Førde','berit@example.no','95111666',NULL,0,NULL,'2023-05-01');
INSERT INTO tur VALUES (1,'Galdhøpiggen rundt','Topptur over to dager med overnatting på hytte','Jotunheimen','2024-07-05',900),(2,'Hardangervidda på ski','Ukestur fra hytte til hytte med lett sekk','Finse','2024-03-20',4200);
INSERT INTO turpamelding VALUES (1,1,'FS-20001','Trenger plass i bil fra Førde','2024-05-01 10:00:00'),(2,1,'FS-20002',NULL,'2024-05-02 10:00:00'),(3,2,'FS-20003',NULL,'2024-01-02 10:00:00'),(4,2,'FS-20004','Spiser ikke kjøtt','2024-01-03 10:00:00'),(5,1,'FS-20005',NULL,'2024-05-06 10:00:00');
INSERT INTO nettlogg VALUES (1,'2024-05-01 10:00:00','84.210.33.12','Mozilla/5.0 (X11; Linux x86_64)','/vare/V-1001',200,'0b0e5e1a-0000-4000-8000-000000000001',10001),(2,'2024-05-01 10:00:05','2001:db8::12','Mozilla/5.0 (iPhone)','/kurv',200,'0b0e5e1a-0000-4000-8000-000000000002',NULL),(3,'2024-05-01 10:01:00','84.210.33.12','Mozilla/5.0 (X11; Linux x86_64)','/kasse',302,'0b0e5e1a-0000-4000-8000-000000000001',10001);
INSERT INTO kontaktskjema VALUES (1,'Per Holm','per.holm@example.no','Retur av telt','Hei, teltet lekker. Ring meg på 91 23 45 67.','2024-04-01 08:00:00','Siri'),(2,'Liv Strand','liv@example.no','Åpningstider','Når åpner dere på lørdag i juli?','2024-04-02 08:00:00','Jonas'),(3,'Tor Eide','tor@example.no','Gavekort','Jeg har mistet gavekortet mitt, kan dere hjelpe?','2024-04-03 08:00:00','Siri');
INSERT INTO schema_migrations VALUES ('20230101000000','2023-01-01 00:00:00');
INSERT INTO innstilling VALUES ('frakt_gratis_over','999'),('epost_avsender','post@fjellsport.example');
