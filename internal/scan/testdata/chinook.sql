CREATE TABLE Artist (ArtistId INTEGER PRIMARY KEY, Name VARCHAR(120));
CREATE TABLE Album (AlbumId INTEGER PRIMARY KEY, Title VARCHAR(160) NOT NULL, ArtistId INTEGER NOT NULL REFERENCES Artist (ArtistId));
CREATE TABLE Employee (EmployeeId INTEGER PRIMARY KEY, LastName VARCHAR(20) NOT NULL, FirstName VARCHAR(20) NOT NULL, Title VARCHAR(30),
  ReportsTo INTEGER REFERENCES Employee (EmployeeId), BirthDate TIMESTAMP, HireDate TIMESTAMP, Address VARCHAR(70), City VARCHAR(40), State VARCHAR(40),
  Country VARCHAR(40), PostalCode VARCHAR(10), Phone VARCHAR(24), Fax VARCHAR(24), Email VARCHAR(60));
CREATE TABLE Customer (CustomerId INTEGER PRIMARY KEY, FirstName VARCHAR(40) NOT NULL, LastName VARCHAR(20) NOT NULL, Company VARCHAR(80), Address VARCHAR(70),
  City VARCHAR(40), State VARCHAR(40), Country VARCHAR(40), PostalCode VARCHAR(10), Phone VARCHAR(24), Fax VARCHAR(24), Email VARCHAR(60) NOT NULL,
  SupportRepId INTEGER REFERENCES Employee (EmployeeId));
CREATE TABLE Genre (GenreId INTEGER PRIMARY KEY, Name VARCHAR(120));
CREATE TABLE MediaType (MediaTypeId INTEGER PRIMARY KEY, Name VARCHAR(120));
CREATE TABLE Track (TrackId INTEGER PRIMARY KEY, Name VARCHAR(200) NOT NULL, AlbumId INTEGER REFERENCES Album (AlbumId), MediaTypeId INTEGER NOT NULL REFERENCES MediaType (MediaTypeId),
  GenreId INTEGER REFERENCES Genre (GenreId), Composer VARCHAR(220), Milliseconds INTEGER NOT NULL, Bytes INTEGER, UnitPrice NUMERIC(10,2) NOT NULL);
CREATE TABLE Invoice (InvoiceId INTEGER PRIMARY KEY, CustomerId INTEGER NOT NULL REFERENCES Customer (CustomerId), InvoiceDate TIMESTAMP NOT NULL, BillingAddress VARCHAR(70),
  BillingCity VARCHAR(40), BillingState VARCHAR(40), BillingCountry VARCHAR(40), BillingPostalCode VARCHAR(10), Total NUMERIC(10,2) NOT NULL);
CREATE TABLE InvoiceLine (InvoiceLineId INTEGER PRIMARY KEY, InvoiceId INTEGER NOT NULL REFERENCES Invoice (InvoiceId), TrackId INTEGER NOT NULL REFERENCES Track (TrackId),
  UnitPrice NUMERIC(10,2) NOT NULL, Quantity INTEGER NOT NULL);
CREATE TABLE Playlist (PlaylistId INTEGER PRIMARY KEY, Name VARCHAR(120));
CREATE TABLE PlaylistTrack (PlaylistId INTEGER NOT NULL REFERENCES Playlist (PlaylistId), TrackId INTEGER NOT NULL REFERENCES Track (TrackId), PRIMARY KEY (PlaylistId, TrackId));
INSERT INTO Artist VALUES (1,'The Paper Boats'),(2,'Nordlys Kvartett'),(3,'Static Harbour');
INSERT INTO Album VALUES (1,'First Tide',1),(2,'Mørketid',2),(3,'Signals',3);
INSERT INTO Genre VALUES (1,'Rock'),(2,'Jazz'),(3,'Metal');
INSERT INTO MediaType VALUES (1,'MPEG audio file'),(2,'AAC audio file');
INSERT INTO Track VALUES (1,'Ebb',1,1,1,'J. Marsh, P. Cole',231000,3700000,0.99),(2,'Sol',2,1,2,'Eva Lind',301000,4800000,0.99),(3,'Pylon',3,2,3,NULL,190000,3000000,1.29);
INSERT INTO Employee VALUES (1,'Adamsen','Anne','General Manager',NULL,'1962-02-18 00:00:00','2012-08-14 00:00:00','11120 Harbour Ave','Edmonton','AB','Canada','T5K 2N1','+1 (780) 428-9482','+1 (780) 428-3457','anne@chinook.example'),
 (2,'Parker','Jane','Sales Support Agent',1,'1973-08-29 00:00:00','2012-04-01 00:00:00','1111 6 Ave SW','Calgary','AB','Canada','T2P 5M5','+1 (403) 262-3443','+1 (403) 262-6712','jane@chinook.example'),
 (3,'Johnson','Steve','Sales Support Agent',1,'1965-03-03 00:00:00','2013-10-17 00:00:00','7727B 41 Ave','Calgary','AB','Canada','T3B 1Y7','1 (780) 836-9987','1 (780) 836-9543','steve@chinook.example');
INSERT INTO Customer VALUES (1,'Luis','Gomes','Embraer Reis','Av. Brigadeiro 2170','São José','SP','Brazil','12227-000','+55 (12) 3923-5555','+55 (12) 3923-5566','luis@mail.example',2),
 (2,'Bjørn','Hansen',NULL,'Ullevålsveien 14','Oslo',NULL,'Norway','0171','+47 22 44 22 22',NULL,'bjorn.hansen@mail.example',3),
 (3,'Helena','Novak',NULL,'Rilská 3174/6','Prague',NULL,'Czech Republic','14300','+420 2 4177 0449',NULL,'hnovak@mail.example',2),
 (4,'Frank','Harris','Google Fields','1600 Parkway','Mountain View','CA','USA','94043-1351','+1 (650) 253-0000','+1 (650) 253-0001','fharris@mail.example',3);
INSERT INTO Invoice VALUES (1,1,'2024-01-01 00:00:00','Av. Brigadeiro 2170','São José','SP','Brazil','12227-000',1.98),(2,2,'2024-01-02 00:00:00','Ullevålsveien 14','Oslo',NULL,'Norway','0171',3.96),
 (3,4,'2024-01-03 00:00:00','1600 Parkway','Mountain View','CA','USA','94043-1351',5.94);
INSERT INTO InvoiceLine VALUES (1,1,1,0.99,1),(2,1,2,0.99,1),(3,2,3,1.29,2);
INSERT INTO Playlist VALUES (1,'Music'),(2,'On the road');
INSERT INTO PlaylistTrack VALUES (1,1),(1,2),(2,3);
