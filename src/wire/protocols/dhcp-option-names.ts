/** DHCP's options: by which names a line calls them, and how their data is read (RFC 2132 and later ones). */

/** How an option's data is printed. */
export type DhcpOptionForm = keyof typeof forms | "unknown";

export interface DhcpOptionName {
  readonly name: string;
  readonly form: DhcpOptionForm;
}

/** What is known of an option with this code. */
export const dhcpOptionName = (code: number): DhcpOptionName => names.get(code) ?? unknown;

const unknown: DhcpOptionName = { name: "Unknown", form: "unknown" };

const forms = {
  addresses:
    "1=Subnet-Mask 3=Default-Gateway 4=Time-Server 5=IEN-Name-Server 6=Domain-Name-Server 7=LOG 8=CS 9=LPR-Server 10=IM 11=RL 16=SS 28=BR 32=RSA 41=YS 42=NTP 44=Netbios-Name-Server 45=WDD 48=XFS 49=XDM 50=Requested-IP 54=Server-ID 65=N+S 68=MH 69=SMTP 70=POP3 71=NNTP 72=WWW 73=FG 74=IRC 75=STS 76=STDA 92=Associated-IP 112=NI 118=SUBNET 150=TFTP-Server-Address",
  longs: "2=Time-Zone 24=MTU-Timeout 35=AT 38=KI 51=Lease-Time 58=RN 59=RB 91=Last-Transaction-Time",
  text: "12=Hostname 14=DP 15=Domain-Name 17=RP 18=EP 40=YD 47=Netbios-Scope 56=MSG 60=Vendor-Class 66=TFTP 67=BF 80=SLP-NA 88=TZSTR 95=LDAP 98=UAP 100=POSIX-TZ 101=TZ-Name 113=NITAG 114=URL 161=MUD-URL",
  words: "13=BS 22=RSZ 25=MTU-Table 26=MTU 57=MSZ 64=N+D 93=ARCH 117=NSSEARCH",
  flags: "19=IPF 20=SRT 27=LSN 29=MD 30=MS 31=Router-Discovery 34=UT 36=IE 39=KG 116=NOAUTO",
  pairs: "21=PF 33=Static-Route",
  bytes: "23=TTL 37=TT 43=Vendor-Option 78=SLP-DA 79=SLP-SCOPE 83=ARMT 89=FQDNS 90=AUTH 94=NDI 97=GUID",
  netbiosNode: "46=Netbios-Node",
  overload: "52=OO",
  message: "53=DHCP-Message",
  parameters: "55=Parameter-Request",
  client: "61=Client-ID",
  userClass: "77=User-Class",
  domainName: "81=FQDN",
  relay: "82=Agent-Information",
  routes: "121=Classless-Static-Route 249=Classless-Static-Route-Microsoft",
} as const;

const names: ReadonlyMap<number, DhcpOptionName> = new Map(
  (Object.keys(forms) as (keyof typeof forms)[]).flatMap((form) =>
    forms[form].split(" ").map((entry) => {
      const [code = "", name = ""] = entry.split("=");
      return [Number(code), { name, form }] as const;
    }),
  ),
);
