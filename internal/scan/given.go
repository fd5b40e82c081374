package scan

// givenNames are common given names in Norway and in the English-speaking world. They tell a
// column of people's names from one of products or places; nobody is recognised by them.
var givenNames = set(`kari ola ole per anne nils lars erik eirik jan bjorn hans kjell arne knut svein thomas tom geir morten terje odd tor thor john jon martin
	andreas kristian christian marius magnus henrik fredrik sindre jonas markus marcus anders stian espen trond rune oyvind oystein sigurd gunnar harald leif einar olav
	kristoffer christoffer mathias mats emil jakob jacob oskar oscar filip philip lukas lucas noah elias isak aksel axel william oliver liam theo sondre vegard tobias
	inger marit ingrid liv eva astrid berit anna maria marie hanne nina kristin kirsten randi ida camilla kamilla silje linda hilde heidi tone turid solveig gerd
	ingeborg bjorg lise elisabeth line mona trine monica cecilie siri julie emma sara sarah thea nora sofie sophie emilie amalie malin maja maya frida ella olivia ellen
	marte martine helene helena karoline caroline stine tonje wenche grethe grete unni gro sissel britt vigdis ragnhild torill aud mari sigrid jorunn eline ada selma
	mohammed mohamed muhammad ahmed ali omar hassan fatima aisha amina abdi ibrahim yusuf maryam khadija zainab layla
	james robert michael david richard joseph charles christopher daniel matthew anthony mark donald steven steve paul andrew joshua kenneth kevin brian george edward
	ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack
	dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold keith roger arthur terry lawrence sean albert joe juan carlos
	luis miguel jorge manuel pedro antonio francisco marc pierre jean luc hugh dominique phil philippe fernanda helmut bjorn frantisek astrid daan kara eduardo alexandre
	mary patricia jennifer barbara susan jessica karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah stephanie
	rebecca laura sharon cynthia kathleen amy angela shirley brenda pamela nicole katherine samantha christine catherine virginia debra rachel janet carolyn heather
	diane ruth joyce victoria kelly lauren christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria janice ann jean alice abigail
	julia judy grace denise amber marilyn danielle beverly isabella theresa diana natalie brittany charlotte rose alexis kayla jane margaret lori wendy tiffany
	klaus jurgen hans dieter wolfgang stefan sven goran karl carl gustav erika birgit ulla lotte mette soren niels jens jesper mikkel freja pia bente kim tim bob bill
	sue jim mike dan ann nancy max leo mia zoe chloe lily lucy sam alex chris pat dana robin ben luke simon harry charlie george sophia ava amelia isla`)
