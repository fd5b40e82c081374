package api

import (
	"mininfo/internal/source/webhook"
	"mininfo/internal/staff"
)

// audience is who may call an operation at all.
type audience int

const (
	anyone audience = iota
	colleague
	recipient
	invited
	person
	member
	client
	system // a connected system that was asked
	demoOnly
)

// rule is one row of the table of who may call what. A permission is one that does not depend on
// a case; what does, the use case asks with the case in hand.
type rule struct {
	who        audience
	permission staff.Permission
	scope      string // of API clients
	body       int64  // bytes; 0 = the default
}

const (
	bodyDefault = 64 << 10
	bodyText    = 2 << 20
	bodyUpload  = 11 << 20
	bodyResult  = webhook.MaxResult
)

func (r rule) limit() int64 {
	if r.body == 0 {
		return bodyDefault
	}
	return r.body
}

// routes has every operation of the contract, and no other: a test holds the two together.
var routes = map[string]rule{
	"getPortal":          {who: anyone},
	"getLogo":            {who: anyone},
	"getNotice":          {who: anyone},
	"getNoticeLinked":    {who: anyone},
	"getErasureRules":    {who: anyone},
	"startVerification":  {who: anyone},
	"resendVerification": {who: anyone},
	"redeemVerification": {who: anyone},
	"disownVerification": {who: anyone},
	"confirmContact":     {who: anyone},
	"stopAddressChange":  {who: anyone},
	"staffSignIn":        {who: anyone},
	"getSignIn":          {who: anyone},
	"startPasskeySignIn": {who: anyone},
	"passkeySignIn":      {who: anyone},
	"startOIDCSignIn":    {who: anyone},
	"oidcSignIn":         {who: anyone},
	"issueToken":         {who: anyone},

	"openErrand":       {who: colleague},
	"uploadErrandFile": {who: colleague, body: bodyUpload},
	"answerErrand":     {who: colleague},

	"openNotice":   {who: recipient},
	"answerNotice": {who: recipient},

	"openInvitation":   {who: invited},
	"startJoining":     {who: invited},
	"acceptInvitation": {who: invited},

	"getMe":               {who: person},
	"signOut":             {who: person},
	"startFieldsStepUp":   {who: person},
	"redeemFieldsStepUp":  {who: person},
	"getMyFields":         {who: person},
	"startAddressStepUp":  {who: person},
	"redeemAddressStepUp": {who: person},
	"nameAddress":         {who: person},
	"proveAddress":        {who: person},
	"cancelAddress":       {who: person},
	"listRequests":        {who: person},
	"createRequest":       {who: person, body: 1 << 20},
	"getRequest":          {who: person},
	"followRequest":       {who: person},
	"sendMessage":         {who: person},
	"remindOffice":        {who: person},
	"withdrawRequest":     {who: person},
	"startStepUp":         {who: person},
	"redeemStepUp":        {who: person},
	"downloadPackage":     {who: person},
	"downloadLetter":      {who: person},
	"eraseCopy":           {who: person},
	"getReceipt":          {who: person},

	"getStaffSession":      {who: member},
	"staffSignOut":         {who: member},
	"staffStepUp":          {who: member},
	"startPasskeyStepUp":   {who: member},
	"passkeyStepUp":        {who: member},
	"startOIDCStepUp":      {who: member},
	"oidcStepUp":           {who: member},
	"startOIDCLink":        {who: member},
	"oidcLink":             {who: member},
	"getAccount":           {who: member},
	"startPasskey":         {who: member},
	"addPasskey":           {who: member},
	"removePasskey":        {who: member},
	"endOwnSession":        {who: member},
	"listMemberSessions":   {who: member, permission: staff.ReadMembers},
	"endMemberSessions":    {who: member, permission: staff.ManageMembers},
	"listCases":            {who: member, permission: staff.ListCases},
	"registerCase":         {who: member, permission: staff.FileOnBehalf, body: 1 << 20},
	"parseMail":            {who: member, permission: staff.FileOnBehalf, body: bodyText},
	"getCase":              {who: member, permission: staff.ListCases},
	"followCases":          {who: member, permission: staff.ListCases},
	"listFindings":         {who: member, permission: staff.ListCases},
	"confirmIdentity":      {who: member},
	"changeAddress":        {who: member},
	"cancelAddressChange":  {who: member},
	"addIdentifier":        {who: member},
	"confirmIdentifier":    {who: member},
	"askContact":           {who: member},
	"correctField":         {who: member},
	"relieveDuty":          {who: member},
	"learnFacts":           {who: member},
	"collectCase":          {who: member},
	"decideCase":           {who: member, body: 1 << 20},
	"unmaskRow":            {who: member},
	"readText":             {who: member, permission: staff.ListCases},
	"redactText":           {who: member, body: 1 << 20},
	"takeBackRedaction":    {who: member},
	"getPlan":              {who: member, permission: staff.ListCases},
	"planCase":             {who: member},
	"approveCase":          {who: member},
	"answerCase":           {who: member},
	"previewAnswer":        {who: member, permission: staff.ListCases},
	"previewPart":          {who: member, permission: staff.ListCases},
	"sendPart":             {who: member},
	"correctAnswer":        {who: member},
	"staffPackage":         {who: member},
	"staffLetter":          {who: member, permission: staff.ListCases},
	"staffSentLetter":      {who: member, permission: staff.ListCases},
	"takeEvidence":         {who: member, permission: staff.ReadEvidence},
	"takeWholeEvidence":    {who: member},
	"refuseCase":           {who: member, permission: staff.Refuse},
	"warnOfFee":            {who: member, permission: staff.Refuse},
	"extendCase":           {who: member, permission: staff.Extend},
	"pauseCase":            {who: member},
	"restrictCase":         {who: member},
	"recordReply":          {who: member, body: 1 << 20},
	"correctReceipt":       {who: member},
	"messagePerson":        {who: member, body: 1 << 20},
	"assignCase":           {who: member, permission: staff.Assign},
	"assignCases":          {who: member, permission: staff.Assign},
	"resumeCase":           {who: member},
	"recordWithdrawal":     {who: member},
	"finishTask":           {who: member},
	"taskLink":             {who: member},
	"followRecipient":      {who: member},
	"listInforming":        {who: member, permission: staff.ReadRegister},
	"finishInforming":      {who: member, permission: staff.EditRegister},
	"uploadTaskFile":       {who: member, permission: staff.Decide, body: bodyUpload},
	"listSources":          {who: member, permission: staff.ReadSources},
	"addSource":            {who: member, body: bodyText},
	"scanSource":           {who: member, body: bodyText},
	"addFileSource":        {who: member, permission: staff.ReadSources, body: bodyUpload},
	"getSource":            {who: member, permission: staff.ReadSources},
	"changeSource":         {who: member, body: bodyText},
	"checkSource":          {who: member, permission: staff.ReadSources},
	"getRegister":          {who: member, permission: staff.ReadRegister},
	"putRegister":          {who: member, permission: staff.EditRegister, body: bodyText},
	"checkRegister":        {who: member, permission: staff.EditRegister, body: bodyText},
	"listRegisterVersions": {who: member, permission: staff.ReadRegister},
	"getRegisterVersion":   {who: member, permission: staff.ReadRegister},
	"getTaxonomy":          {who: member, permission: staff.ReadRegister},
	"getSettings":          {who: member, permission: staff.ReadSettings},
	"putSettings":          {body: 256 << 10, who: member, permission: staff.EditSettings},
	"getLetters":           {who: member, permission: staff.ReadSettings},
	"previewLetter":        {who: member, permission: staff.ReadSettings},
	"putLetters":           {who: member, permission: staff.EditSettings},
	"testMail":             {who: member, permission: staff.EditSettings},
	"listMembers":          {who: member},
	"listInvitations":      {who: member, permission: staff.ReadMembers},
	"invite":               {who: member, permission: staff.ManageMembers},
	"confirmInvitation":    {who: member, permission: staff.ConfirmChange},
	"resendInvitation":     {who: member, permission: staff.ManageMembers},
	"revokeInvitation":     {who: member, permission: staff.ConfirmChange},
	"recoverMember":        {who: member, permission: staff.ManageMembers},
	"listClients":          {who: member, permission: staff.ReadMembers},
	"addClient":            {who: member, permission: staff.ManageMembers},
	"rotateClient":         {who: member, permission: staff.ManageMembers},
	"revokeClient":         {who: member, permission: staff.ManageMembers},
	"listAudit":            {who: member, permission: staff.ReadAudit},
	"takeLog":              {who: member, permission: staff.ExportAudit},
	"getReport":            {who: member, permission: staff.ReadReports},
	"listDrills":           {who: member, permission: staff.CountCases},
	"listDrillMails":       {who: member, permission: staff.ListCases},
	"startDrill":           {who: member, permission: staff.FileOnBehalf},
	"getReportTable":       {who: member, permission: staff.ReadReports},
	"recordAuthority":      {who: member},
	"answerPerson":         {who: member},
	"findEarlier":          {who: member, permission: staff.FileOnBehalf},
	"dropRefusal":          {who: member, permission: staff.Refuse},
	"listBreaches":         {who: member, permission: staff.ReadBreaches},
	"openBreach":           {who: member, permission: staff.ReportBreach},
	"assessBreach":         {who: member, permission: staff.AssessBreach},
	"getRetention":         {who: member, permission: staff.ReadReports},
	"askRetention":         {who: member},
	"approveRetention":     {who: member},
	"listRetentionRows":    {who: member},

	"intakeRequest": {who: client, scope: "intake"},
	"intakeState":   {who: client, scope: "intake"},

	"checkRestrictions": {who: client, scope: "restriction:read", body: 1 << 20},

	"deliverResult": {who: system, body: bodyResult},

	"getDemo":      {who: demoOnly},
	"demoSignIn":   {who: demoOnly},
	"listDemoMail": {who: demoOnly},
}
