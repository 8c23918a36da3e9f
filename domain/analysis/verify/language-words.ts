const words = (text: string): readonly string[] => text.split(' ');

/** What English prose about incidents is made of: its small words, and those the rules' own sentences and reports of incidents use. */
export const KNOWN_WORDS: ReadonlySet<string> = new Set(
  words(
    'able abnormal about above abuse abused accept access accounts across active activity add added ' +
      'additional address addresses affect affected affects after again against agents alert allow allowed ' +
      'allows alone along already alter altered although always among amount analysis analyst analysts and ' +
      'anew anomaly another answer answers any anybody anything apart app appear application applications ' +
      'applied applies apply approval approve approver apps arbitrary archive archives are arguments around ' +
      'ask assume assumed attack attacked attacker attackers attempt attempted audit authenticate ' +
      'authenticated automatic available away back backdoor bad base baseline be beacon bearable became ' +
      'because become becomes been before began begin begun behave behavior behaviour behind being believe ' +
      'believed belong belongs below benign best better between beyond big binaries binary bind binding ' +
      'bindings block body both bound breakout bring brings brought bucket budget build business busy but ' +
      'by bypass bypassed call called came can candidate cannot capability capture carried carries carry ' +
      'case cases catalogue cause caused certain certificate chain change changed changes channel check ' +
      'child choice choose cite cited claim clean clear clients close closed cloud clusterrolebinding ' +
      'clusters code collection combination come comes coming command commands common communicate ' +
      'communication company component compromise compromised compromises compute computing concern ' +
      'concerned concerns conclude concluded confidence confirm confirmed connect connected connection ' +
      'connections connects consistent console contact contacted contain contained containers context ' +
      'continue continued controller copied copy correlate cost could count covert cpu create created ' +
      'credential credentials critical crypto cryptocurrency cryptominer cryptomining current customer ' +
      'customers cut damage dangerous database databases day days decide decides declare decode decoded ' +
      'deep default defence defense definition delete deleted denial denied denies deny depend depends ' +
      'deploy deployer deployment depth describe described describes deserialization detect detected ' +
      'detection determine determined developer developers development did differ different differently ' +
      'differs direct directories directory disclosure discovery disk does doing domain done double down ' +
      'download downloaded drop dropped drops dump dumped during each earlier early effective eight either ' +
      'else emergency empty encode encoded encrypt encrypted end ended enforce engineer enough entry ' +
      'enumerate enumerated environment escalate escalated escalation escape establish established evasion ' +
      'even event eventually every everybody everything evidence examine example exclude excluded execute ' +
      'executed execution exfiltrate exfiltrated exfiltration exist existed expectation expected expire ' +
      'explain explained explains exploit exploitation exploited expose exposed exposure external extra ' +
      'facing fact facts fail false far fetch few field fields files finally find finding findings first ' +
      'fit five fix fixed flaw flow flows folder follow followed following foreign form found four free ' +
      'from front full function functions further gain gateway gave generic get gets getting give given ' +
      'gives giving go goes gone good got grant granted grants great grew group groups grow guess habit had ' +
      'half handle handled handles happen happened harmful harmless has hash have he header headers held ' +
      'help helped helps hence here hidden hide hides high higher highest his history hold holds honest ' +
      'honestly hop hostile hosts hour hours how however idea identified identify identity if images ' +
      'immediately impact implant important impossible inactive inbound incident incidents include included ' +
      'includes inclusion incoming increase increased indicate indicates indicator indirect infect infected ' +
      'initial inject injected injection inside install installed instance instances instead intelligence ' +
      'intended interactive interface internal into intruder investigation involve involved involves ' +
      'isolate isolated issue it item items its job join joined joins judge just keep keeps kept kernel key ' +
      'keys kill killed know known large last lasting late later lateral latest launch launched lead leads ' +
      'least leave led legitimate less let lets level levels libraries library life like likely limit ' +
      'limited limits line lines link linked links list listen listening lists little live load loaded log ' +
      'logged login long longer look lose loss lost low lower lowest machine made main maintenance make ' +
      'makes making malicious malware manager manifest many match matter matters may maybe mean means meant ' +
      'meanwhile medium memory mend message messages metadata method might mine miner miners mining minute ' +
      'misconfiguration model models modified modify month months more morning most mount mounted move ' +
      'moved movement much multiple must name named namespace narrow near necessary need neither network ' +
      'networks never new newer next night nine nobody nodes none nor not notable note noted nothing notice ' +
      'noticed number numbers obfuscate obfuscated object observation observe occur occurred occurs off ' +
      'often old once one only onto open opened opens operator order organisation organization origin other ' +
      'otherwise our out outbound outgoing output outside overflow overwrite overwritten own owned owner ' +
      'owns package packet packets page pages parameter parameters parent part particular parts pass ' +
      'passive password patch patched path paths pattern patterns payload payloads payments people per ' +
      'percent percentage perhaps period permanent permission permit permitted persist persistence person ' +
      'phase place places plain pods point pointed points policies policy pool ports possible possibly post ' +
      'power present prevent prevented prevents previous previously price private privilege privileged ' +
      'privileges probably probe probed process processed processes production program projected protect ' +
      'protected protects protocol prove proxy public put quarantine quarantined queries query queue quote ' +
      'quoted raise raised ran ransomware rare rate rather reach reachable reached read reader readers ' +
      'ready really reason reasons receive received receives recent recently recognise recognised recognize ' +
      'recognized recommend record records reduce reduced refer referred refers refuse refused reject ' +
      'related relation release rely remain remained remains remote remove rename renamed replace replaced ' +
      'replacement replica report reported repository request requests require reserve resize resolve ' +
      'resolved resolver resolves resource responder response responses restart restore result resulted ' +
      'return returned returns reverse revert review reviewed reviewing revision revoke right rolebinding ' +
      'roles rootkit row rows rule rules run running runs runtime safe said same saw say says scan scanned ' +
      'scanning score script second seconds secret secrets security see seeing seen sees select send sender ' +
      'sends sensor sensors sent sentence sentences serious serve served servers serves services session ' +
      'sessions set seven several severe severity shall share shared shares she shells short shortly should ' +
      'show shown shows sign signal signs silence similar since single site six size small some somebody ' +
      'spawn spawned speak special specific spoke spread stage stages staging stand standard started starts ' +
      'state status stay stayed steal step steps still stolen stood stopped storage story straight strong ' +
      'subject subnet subnets such suggest suggests summary support sure suspect suspected suspicious table ' +
      'tag tail take taken takes taking talk task team teams technique tell temporary ten tenant tenants ' +
      'terminate terminated text than that the their them then there therefore these they thing things ' +
      'think third this those though thought threat three through thus ticket tickets time timeline today ' +
      'together tokens told tomorrow too took tool toward towards traffic transfer transferred traversal ' +
      'treat treated tree tried trigger triggered trojan trouble true try tunnel tunnels turn turned turns ' +
      'two type typical unauthenticated unavailable uncertain unclear under undo unexpected unknown unless ' +
      'unlike unlikely unnoticed unsafe until unused unusual unverified up update upgrade upload uploaded ' +
      'upon url usage use used user users uses using valid value variable vendor verdict verify very via ' +
      'view volume vulnerabilities vulnerability vulnerable wait want wanted wants way we weak weakness ' +
      'webshell website week weeks went were what whatever when where whether which while who whoever whole ' +
      'whom whose why wild will win window with within without word words work worked working workload ' +
      'works worm worse worst would writable write written wrong wrote year years yesterday yet you young ' +
      'your',
  ),
);

/** Words of several languages, and names of technology: they show neither English nor another. */
export const NEUTRAL_WORDS: ReadonlySet<string> = new Set(
  words(
    'a account action actor actual admin administrator agent alarm all also am an animal annual anterior ' +
      'api argument arm as at attention aws azure bank bash canal capital casual central client cluster ' +
      'color configuration container control criminal curl cve data den die digital direction director dns ' +
      'do docker doctor document editor eks element email error export exterior factor fast favor file ' +
      'final for formal gcp general gift global hand hat her honor horror hospital host hotel http https ' +
      'humor iam ideal image import in inferior info information instrument interior international internet ' +
      'ip is java junior kind kubernetes labor land legal linux local major man manual material me mental ' +
      'metal minor moment monitor monument moral motor mutual national nginx no node normal of on option or ' +
      'oral original over plural pod port position posterior principal principle problem protection python ' +
      'question radio rat reactor real redis region rest restaurant role root rumor rural section sector ' +
      'senior server service sexual sh shell situation so social software solution ssh start station stop ' +
      'superior system taxi tcp tenor terminal terror test to token total transistor tumor udp ulterior ' +
      'usual vapor vector version video virtual virus visual vital vm vpc war was web windows zone',
  ),
);

/** Small words that another language can hardly do without and English does not have, without accents, by language (ISO 639-1). */
export const SMALL_WORDS: Readonly<Record<string, readonly string[]>> = {
  de: words(
    'aber alles auf bei bitte das dem diese dieser dieses durch ein eine einen einer eines fuer handelt ' +
      'ist jetzt kann kein keine keinen keiner mit muss nach nicht nichts nur oder schon sehr sich sind ' +
      'soll sollte und von werden wie wir wird wurde wurden',
  ),
  fr: words(
    'aucun aucune avec ceci cela ces cet cette dans donc elle est etait etre fait les leur mais ont pas ' +
      'pour qui quoi rien sont tres une',
  ),
  es: words(
    'como del es eso esta este esto fue han las los muy nada ningun ninguna nos para pero por que ser ' +
      'tambien una unos',
  ),
  pt: words('essa esse foi isso isto muito nao nenhum nenhuma pela pelo sao seu sua uma'),
  it: words(
    'anche che degli della delle dello essere gli nessun nessuna niente perche questa questi questo sia ' +
      'sono stata stato',
  ),
  nl: words('aan bij deze dit een er geen het hoeft kan maar moet naar niet niets ook voor worden wordt zijn'),
  pl: words('brak byl byla bylo dla jest nie oraz przez sie tego tylko tym zaden zadne'),
  tr: words('bir bu cok daha degil gerek gibi herhangi icin olarak var ve yok'),
  sv: words('ar denna det detta ett finns ikke inga ingen inte och og som'),
  fi: words('ei eika etta ettei mutta ovat tama'),
  cs: words('jako nebo neni toto zadna zadny'),
  ro: words('aceasta acest fost nicio niciun nu pentru sunt'),
  hu: words('egy ez hogy nem nincs vagy'),
  id: words('adalah bukan dengan tidak tidaklah untuk yang'),
  vi: words('khong nay phai'),
  hr: words('jeste nema nije ovo samo'),
  ru: words('eto lozhnaya nado nichego takoe trevoga yavlyaetsya'),
  uk: words('khybna nemaye nichoho tryvoha tse'),
  hi: words('hai hain koi nahi nahin yah yeh'),
  ja: words('arimasen arimasu desu dewa kore masen'),
  zh: words('bushi meiyou shi zhe'),
  ko: words('anida eopseumnida imnida'),
  ar: words('hadha hatha laisa laysa'),
  sw: words('hakuna kitu sio'),
  tl: words('ang hindi ito walang'),
  eo: words('estas neniu tio'),
  la: words('nihil'),
};

export const OTHER_LANGUAGES: ReadonlySet<string> = new Set(Object.values(SMALL_WORDS).flat());
