package mail

var en = map[Kind]letter{
	Verify: {"Confirm your e-mail address with {org}", `
Somebody, probably you, has given this e-mail address to {org} in order to use their data protection rights.

? It is about: {right}.

Type this code on the page where you started:

{code}

Or open the link in the same browser and confirm there:

{url}

[secret] The code and the link work until {until}, and only once. We never ask you for the code by phone or e-mail. Do not give it to anyone.

[not_you] Was it not you? Then you need not do anything. Nothing happens without the code. To stop it, open the link and choose “I did not ask for this”.`},

	VerifyLate: {"The code from {org} was delayed", `
Somebody, probably you, gave this e-mail address to {org} on {when} in order to use their data protection rights.

Our e-mail was held up, and the code that you should have had does not work any more. We are sorry. Nothing has been sent in yet. Ask for a new code here:

{url}

[not_you] Was it not you? Then you need not do anything.`},

	StepUp: {"One-time code from {org}", `
Here is the one-time code that you asked for:

{code}

The code is for: {reason}.

? Case number: {reference}

[secret] The code works until {until}, and only once. We never ask you for the code by phone or e-mail. Do not give it to anyone.

[not_you] Did you not ask for the code? Then somebody else may have your page open. Tell us: {contact}.`},

	ReceiptOfRequest: {"We have received your request, case {reference}", `
We have received your request.

Case number: {reference}
Received: {received}
It is about: {right}
You will get an answer no later than {due}.

? This is how we have understood it:
{lines}

It is free of charge, and you need not do anything now. If we have to ask you something, you will get an e-mail.

Here you can follow the case, write to us and withdraw the request:

{url}

? The privacy notice that applied when the request came in: {notice}.

[not_you] Did you not ask for this? Tell us: {contact}.`},

	ReceiptForChild: {"We have got your request, case {reference}", `
Hello! We have got your request.

The number of the case is {reference}.
It reached us on {received} and is about {right}.
You will get an answer by {due}.

? This is what you asked for:
{lines}

The information about you is yours. That is why you can ask us about it, and it costs nothing.

You do not have to do anything now. If we need to ask you something, we will write to you. Here you can see how it goes, and write to us:

{url}

? How we use information about people is written in: {notice}.

[not_you] If you do not understand this, ask us or a grown-up you trust. Did you not ask for anything? Tell us: {contact}.`},

	IdentityClosed: {"The case is closed, {reference}", `
[why] We asked for something that can show that it was you who sent the request, and have had no reply. We are in doubt about who you are, and then we cannot give out or change any data. Therefore the case is closed.

[again] The case can be taken up again. Answer the question here within 90 days, and we go on where it ended:

{url}

[complaint] If you disagree, you may complain to Datatilsynet (the Norwegian Data Protection Authority), PO Box 458 Sentrum, 0105 Oslo, Norway, datatilsynet.no. You may also bring the matter before the courts.`},

	ClarificationClosed: {"The case is closed, {reference}", `
[why] We asked what your request covers, and have had no reply. Therefore the case is closed.

[again] The case can be taken up again. Answer the question here within 90 days, and we go on where it ended. You need not narrow the request down: you may reply that you mean everything.

{url}

[complaint] If you disagree, you may complain to Datatilsynet (the Norwegian Data Protection Authority), PO Box 458 Sentrum, 0105 Oslo, Norway, datatilsynet.no. You may also bring the matter before the courts.`},

	QuestionIdentity: {"We need to know that it is you, case {reference}", `
Before we can answer your request, we must be sure that it is you who asks. This keeps your data away from unauthorised persons.

Why we are in doubt, what is enough, and which ways you can choose between is explained in the case:

{url}

[masking] Do not send a copy of a passport or driving licence. If you choose to show a document, you may cover everything that we have not asked for.

? The time limit is paused from {paused} until you have answered.`},

	QuestionClarification: {"We have a question about your request, case {reference}", `
[everything] We have a question about what your request covers. You may still ask for everything.

The question, and what kinds of data we process, is in the case:

{url}

? The time limit is paused from {paused} until you have answered.`},

	QuestionOlderAddress: {"Could we know you under something else? Case {reference}", `
So far we have found no data about you. Could you have used another e-mail address, a phone number or a customer number with us?

Answer in the case:

{url}

? Answering is voluntary. If you have not answered by {until}, we finish the search with what we know.`},

	ConfirmContact: {"Was it you who wrote to us? Case {reference}", `
Somebody has sent {org} a request under the data protection rules and given something that belongs with this e-mail address. Was it you who sent the request?

If it was you, open the page and type the code:

{url}

{code}

[secret] The code works until {until}, and only once. Do not give it to anybody. If somebody asks you for the code, it is not us.

[not_you] Is it not you? Then you need not do anything, and we give nothing out. You are welcome to tell us: {contact}.`},

	ContactNotice: {"Somebody has asked about data that this address is linked to", `
We have received a request under the data protection rules. It is about: {right}. This e-mail address is linked to the same data, so we are telling you too.

Case number: {reference}

If you made the request yourself, you need not do anything.

[not_you] Do you not know about the request? Tell us before {until}: {contact}.`},

	NewMessage: {"New message in your case, {reference}", `
There is a new message for you in the case. Read it and answer here:

{url}`},

	Extension: {"We need more time, case {reference}", `
We need more time to answer your request. You will get an answer no later than {due}.

Why we need more time is explained in the case:

{url}

[complaint] If you do not agree, you may complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	AnswerReady: {"Your answer is ready, case {reference}", `
The answer to your request is ready. The data is not in this e-mail. You download it from the case:

{url}

Before the download we send you a new one-time code. You can download until {until}.

? The privacy notice that applied when the request came in: {notice}.

[complaint] If something is wrong or missing, you can write to us in the case. If you do not agree with the answer, you may complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	AnswerPart: {"A part of your answer is ready, case {reference}", `
A part of the answer to your request is ready. The rest follows later. What is missing, and when it comes, stands in the case, where you download what is ready:

{url}

Before the download we send you a new one-time code.

[complaint] If something is wrong, you can write to us in the case. If you do not agree, you may complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	AnswerCorrected: {"We have corrected our answer, case {reference}", `
Something in the answer that we gave you was wrong or missing. What it was, and what is right, stands in the case:

{url}

[complaint] If you do not agree, you may complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	AnswerDone: {"Your request has been handled, case {reference}", `
We have handled your request. It is about: {right}.

In numbers:
{lines}

If we keep anything, the case says what, why and for how long. It also says who has received the data from us and whom we tell:

{url}

[backups] Backups are deleted as they expire.

? The privacy notice that applied when the request came in: {notice}.

[complaint] If you do not agree, you may complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	Refused: {"Answer to your request, case {reference}", `
We have handled your request and cannot comply with it. What this is about, which provision we rely on and our reasons are in the case:

{url}

? The privacy notice that applied when the request came in: {notice}.

[complaint] If you do not agree, you can write to us in the case. You may also complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	NothingFound: {"We found no data about you, case {reference}", `
We have searched and found no data about you.

This is where we looked:
{lines}

Have you used another e-mail address, a phone number or a customer number with us? Write to us in the case, and we will search again:

{url}

? The privacy notice that applied when the request came in: {notice}.

[complaint] If you do not agree, you may complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	Withdrawn: {"Your request is withdrawn, case {reference}", `
Your request is withdrawn, and we will do nothing more with it. You can send a new one at any time:

{url}

[not_you] Did you not withdraw it? Tell us: {contact}.`},

	PackageDownloaded: {"Your answer has been downloaded, case {reference}", `
The answer in the case was downloaded on {when}.

If that was you, you need not do anything.

[not_you] Was it not you? Tell us at once: {contact}.`},

	EraseLastCall: {"We will soon erase your data, case {reference}", `
Your request for erasure is approved. We will erase your data after {until}. It cannot be undone.

Until then you can cancel, or ask for a copy first:

{url}

? The code for the case is:
{code}

If you want us to erase, you need not do anything.

[not_you] Did you not ask for erasure? Cancel in the case, or tell us: {contact}.`},

	RestrictionBegun: {"We do not use the data while we look into the case, {reference}", `
Some of your data we now only store. We do not use them while we look into the case. Which they are, why, and what that means is in the case:

{url}

[told_before] You will be told before the restriction is lifted.

[complaint] If you do not agree, you can write to us in the case. You may also complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	RestrictionLifting: {"We will soon use data again, case {reference}", `
Some of your data we have only stored and not used. That restriction will soon be lifted. The case says when, and why:

{url}

? The code for the case is:
{code}

[complaint] If you do not agree, reply in the case before then, complain to Datatilsynet, the Norwegian Data Protection Authority (www.datatilsynet.no), or go to court.`},

	AddressChanging: {"Your e-mail address with {org} is to be changed", `
Somebody, probably you, has asked that your cases with {org} follow another e-mail address. The new address applies from {until}. Until then everything comes here as before.

? It is about the case {reference}.

[not_you] Was it not you? Then you can stop the change before that time. Open the page and press the button:

{url}

If it was you, you need not do anything.`},

	AddressChanged: {"Your e-mail address with {org} has been changed", `
From {when} your cases with {org} follow another e-mail address than before. Mail about the cases goes to the new address, and that is the one you confirm when you want to see them.

? It is about the case {reference}.

[not_you] Did you not ask for that? Tell us at once: {contact}.`},

	StaffNewRequest: {"New request: {reference}", `
A new request has come in.

Case number: {reference}
It is about: {right}
Received: {received}
Due date: {due}

{url}`},

	StaffReply: {"Reply in case {reference}", `
A message has come in to case {reference}.

Due date: {due}

{url}`},

	StaffNeedsHuman: {"Case {reference} needs you", `
Case {reference} does not move on by itself.

Reason: {reason}

? Due date: {due}

{url}`},

	StaffApproval: {"Case {reference} awaits approval", `
A plan in case {reference} is ready and has to be approved by somebody else than its maker.

It is about: {right}
Due date: {due}

{url}`},

	StaffMarks: {"Restrictions have to be seen to by hand: {reference}", `
In case {reference} there are data that have to be marked as restricted, or no longer. The portal cannot do it alone. The case says where.

{url}`},

	StaffDeadlineWarning: {"The due date is near: {reference}", `
Case {reference} has not been answered. The due date is {due}.

It is about: {right}

{url}`},

	StaffRefusalDue: {"Last day for refusing: {reference}", `
The due date of case {reference} was extended to {due}, but that does not hold for a refusal. If the whole request is to be refused, the person must be told within one month, by {until} (Art. 12(4)). After that day a refusal is too late.

It is about: {right}

{url}`},

	StaffRecipients: {"Recipients need follow-up, case {reference}", `
Somebody who got data from us has yet to learn what was done, or has not answered. See who in the case:

{url}`},

	StaffBreach: {"A data breach must be assessed", `
A personal data breach has been recorded at {org}. Assess whether Datatilsynet and the people concerned must be told. If Datatilsynet must, the time limit is {until}.

{url}`},

	StaffBreachDue: {"72 hours are almost over: a data breach", `
Datatilsynet has not been told of a personal data breach at {org}, and nobody has written that it is not necessary. The time limit is {until}.

{url}`},

	StaffDrillDue: {"Take a drill", `
It is more than a year since anybody at {org} handled a data protection request or took a drill. Take one, so that you know how when a request comes: the person is invented, nobody is mailed, and nothing is changed in your systems.

{url}`},

	StaffInvite: {"Invitation to the privacy portal of {org}", `
You are invited to handle data protection cases at {org}. Open the link and choose how you want to sign in:

{url}

The link works until {until}, and only once. If you did not expect this, you can ignore the e-mail.`},

	StaffRecover: {"A new sign-in with {org}", `
You can now choose anew how you sign in to the privacy portal of {org}. What you signed in with before then stops working:

{url}

The link works until {until}, and only once.

[not_you] Did you not ask for this? Do not use the link, and tell the administrator at once: {contact}.`},

	StaffAccount: {"Your sign-in with {org}", `
{reason} It happened on {when}.

Here you see how you can sign in, and where you are signed in:

{url}

[not_you] Was it not you? Sign out the other places on the page above, remove what you do not recognise, and tell the administrator at once: {contact}.`},

	StaffAlarm: {"The privacy portal needs attention", `
Something in the portal needs the attention of whoever runs it.

Reason: {reason}

? This is what it looks like:
{lines}

{url}`},

	StaffCheckpoint: {"Checkpoint of the log at {org}", `
This is the newest signed checkpoint of the privacy portal's log at {org}, as it is on {when}. It holds no personal data. Keep the e-mail: nobody can change what the log says from before it without this giving it away.

{lines}

Save the e-mail's text as a file, and hold the log against it with: mininfo audit verify --checkpoint FILE`},

	ColleagueTasks: {"Can you look for {org}?", `
We have received requests under the data protection rules and need you to look. Each link is for one task. You need no account.

{links}

You see who it is about only when you have opened the link and confirmed with a click. There you upload what you find, or answer that there is nothing.

[private] The links are for you alone. Do not pass them on, and do not reply to this e-mail with data about anybody.

Is this not for you? Tell {contact}.`},

	ColleagueReminder: {"Reminder: we are waiting for your answer", `
We have asked you before and are waiting for your answer. The person has a right to an answer in time. Each link is for one task. You need no account.

{links}

[private] These are new links. They are for you alone. Do not pass them on, and do not reply to this e-mail with data about anybody.

Is something in the way? Tell {contact}.`},

	RecipientNotice: {"Data that you got from {org} have been changed or erased, {reference}", `
[duty] You have received personal data from us. Some of them have now been corrected, erased or restricted. We are obliged to tell you (GDPR Article 19).

Whom it is about and what you have to do, you see when you have opened the link and confirmed with a click:

{url}

[private] There you answer that it is done, or why it is not possible. The link works until {until}. Do not answer this e-mail with data about anybody.

Is this not for you? Tell {contact}.`},

	RecipientReminder: {"Reminder: we are waiting for your answer, {reference}", `
We have told you that personal data which you got from us have been corrected, erased or restricted, and are waiting for your answer:

{url}

[private] This is a new link. It works until {until}. Do not answer this e-mail with data about anybody.

Can you not do it? Tell {contact}.`},
}
