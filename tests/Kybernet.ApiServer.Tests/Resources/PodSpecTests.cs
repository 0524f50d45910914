namespace Kybernet.ApiServer.Tests.Resources;

public sealed class PodSpecTests
{
    private const string Label =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
        "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    [Fact]
    public void A_pod_of_all_that_is_allowed_is_accepted() => Assert.Empty(Strategies.Create("pods", Pod("""
        'volumes':[{'name':'config','configMap':{'name':'c','items':[{'key':'k','path':'d/k','mode':256}]}},{'name':'scratch'},
          {'name':'all','projected':{'sources':[{'secret':{'name':'s'}},{'downwardAPI':{'items':[{'path':'l','fieldRef':{'apiVersion':'v1','fieldPath':'metadata.labels[\u0027a.b/c\u0027]'}}]}}]}}],
        'initContainers':[{'name':'first','image':'busybox'},{'name':'side','image':'busybox:1','restartPolicy':'Always','startupProbe':{'exec':{'command':['x']}}}],
        'containers':[{'name':'main','image':'web@sha256:abc','ports':[{'containerPort':80,'name':'http','protocol':'TCP'}],
          'env':[{'name':'A.b-c','value':'1'},{'name':'IP','valueFrom':{'fieldRef':{'apiVersion':'v1','fieldPath':'status.podIP'}}}],
          'envFrom':[{'prefix':'P_','configMapRef':{'name':'c'}}],
          'volumeMounts':[{'name':'config','mountPath':'/c','readOnly':true},{'name':'scratch','mountPath':'/s','subPath':'a/b'}],
          'livenessProbe':{'httpGet':{'path':'/','port':'http','scheme':'HTTP'},'periodSeconds':5},
          'lifecycle':{'preStop':{'sleep':{'seconds':5}}},
          'resources':{'requests':{'cpu':'100m','memory':'64Mi','example.com/gpu':'1'},'limits':{'memory':'64Mi','example.com/gpu':'1'}},
          'securityContext':{'runAsUser':1000,'capabilities':{'drop':['ALL']},'seccompProfile':{'type':'RuntimeDefault'}}}],
        'tolerations':[{'operator':'Exists'},{'key':'a','effect':'NoExecute','operator':'Exists','tolerationSeconds':300}],
        'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'In','values':['b']}]}]}}},
        'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'kubernetes.io/hostname','whenUnsatisfiable':'DoNotSchedule','labelSelector':{'matchLabels':{'a':'b'}}}],
        'hostAliases':[{'ip':'10.0.0.1','hostnames':['a.b']}],'dnsConfig':{'nameservers':['1.1.1.1'],'searches':['a_b.c']},
        'readinessGates':[{'conditionType':'example.com/ready'}],'os':{'name':'linux'}
        """)));

    [Theory]
    [InlineData("", "spec.containers: Required value")]
    [InlineData("'containers':[{'name':'','image':'i'}]", "spec.containers[0].name: Required value")]
    [InlineData("'containers':[{'name':'Bad_Name','image':'i'}]", "spec.containers[0].name: Invalid value: \"Bad_Name\": " + Label)]
    [InlineData("'containers':[{'name':'a'}]", "spec.containers[0].image: Required value")]
    [InlineData("'containers':[{'name':'a','image':' i'}]", "spec.containers[0].image: Invalid value: \" i\": must not have leading or trailing whitespace")]
    [InlineData("'containers':[{'name':'a','image':'i'},{'name':'a','image':'i'}]", "spec.containers[1].name: Duplicate value: \"a\"")]
    [InlineData("'containers':[{'name':'a','image':'i'}],'initContainers':[{'name':'a','image':'i'}]", "spec.initContainers[0].name: Duplicate value: \"a\"")]
    [InlineData("'containers':[{'name':'a','image':'i','imagePullPolicy':'Sometimes'}]",
        "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"")]
    [InlineData("'containers':[{'name':'a','image':'i','ports':[{'containerPort':0,'protocol':'TCP'}]}]", "spec.containers[0].ports[0].containerPort: Required value")]
    [InlineData("'containers':[{'name':'a','image':'i','ports':[{'containerPort':65536,'protocol':'TCP'}]}]",
        "spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive")]
    [InlineData("'containers':[{'name':'a','image':'i','ports':[{'containerPort':80,'protocol':'ICMP'}]}]",
        "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("'containers':[{'name':'a','image':'i','ports':[{'containerPort':80,'name':'much-too-long-name'}]}]",
        "spec.containers[0].ports[0].name: Invalid value: \"much-too-long-name\": must be no more than 15 bytes")]
    [InlineData("'containers':[{'name':'a','image':'i','ports':[{'containerPort':80,'name':'80'}]}]",
        "spec.containers[0].ports[0].name: Invalid value: \"80\": must contain at least one letter (a-z)")]
    [InlineData("'containers':[{'name':'a','image':'i','ports':[{'containerPort':80,'hostPort':1,'protocol':'TCP'},{'containerPort':81,'hostPort':1,'protocol':'TCP'}]}]",
        "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//1\"")]
    [InlineData("'hostNetwork':true,'containers':[{'name':'a','image':'i','ports':[{'containerPort':80,'hostPort':81}]}]",
        "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true")]
    [InlineData("'restartPolicy':'Maybe','containers':[{'name':'a','image':'i'}]",
        "spec.restartPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"OnFailure\", \"Never\"")]
    [InlineData("'dnsPolicy':'None','containers':[{'name':'a','image':'i'}]", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None")]
    [InlineData("'activeDeadlineSeconds':0,'containers':[{'name':'a','image':'i'}]", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive")]
    [InlineData("'hostname':'a.b','containers':[{'name':'a','image':'i'}]", "spec.hostname: Invalid value: \"a.b\": " + Label)]
    [InlineData("'ephemeralContainers':[{'name':'e','image':'i'}],'containers':[{'name':'a','image':'i'}]", "spec.ephemeralContainers: Forbidden: cannot be set on create")]
    [InlineData("'nodeName':'n','schedulingGates':[{'name':'g'}],'containers':[{'name':'a','image':'i'}]",
        "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared")]
    [InlineData("'os':{'name':'beos'},'containers':[{'name':'a','image':'i'}]", "spec.os: Unsupported value: \"beos\": supported values: \"linux\", \"windows\"")]
    [InlineData("'hostAliases':[{'ip':'1.2.3'}],'containers':[{'name':'a','image':'i'}]",
        "spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("'containers':[{'name':'a','image':'i','lifecycle':{'preStop':{'sleep':{'seconds':31}}}}]",
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)")]
    public void What_is_wrong_with_a_pod_is_said_as_upstream_says_it(string spec, string cause) => Assert.Equal([cause], Strategies.Create("pods", Pod(spec)));

    [Theory]
    [InlineData("'env':[{'name':''}]", "env[0].name: Required value")]
    [InlineData("'env':[{'name':'a=b'}]",
        "env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='")]
    [InlineData("'env':[{'name':'A','valueFrom':{}}]",
        "env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`")]
    [InlineData("'env':[{'name':'A','value':'b','valueFrom':{'secretKeyRef':{'name':'s','key':'k'}}}]",
        "env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty")]
    [InlineData("'env':[{'name':'A','valueFrom':{'secretKeyRef':{'name':'s','key':'k'},'configMapKeyRef':{'name':'s','key':'k'}}}]",
        "env[0].valueFrom: Invalid value: \"\": may not have more than one field specified at a time")]
    [InlineData("'env':[{'name':'A','valueFrom':{'fieldRef':{'apiVersion':'v1','fieldPath':'metadata.labels'}}}]",
        "env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"metadata.labels\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"")]
    [InlineData("'env':[{'name':'A','valueFrom':{'fieldRef':{'apiVersion':'v1','fieldPath':'metadata.whatever'}}}]",
        "env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.whatever\": error converting fieldPath: field label not supported: metadata.whatever")]
    [InlineData("'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu','divisor':'10m'}}}]",
        "env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values 1m and 1 are supported with the cpu resource")]
    [InlineData("'envFrom':[{}]", "envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`")]
    [InlineData("'volumeMounts':[{'name':'nope','mountPath':'/a'}]", "volumeMounts[0].name: Not found: \"nope\"")]
    [InlineData("'volumeMounts':[{'name':'v','mountPath':''}]", "volumeMounts[0].mountPath: Required value")]
    [InlineData("'volumeMounts':[{'name':'v','mountPath':'/a'},{'name':'v','mountPath':'/a'}]", "volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique")]
    [InlineData("'volumeMounts':[{'name':'v','mountPath':'/a','subPath':'../b'}]", "volumeMounts.subPath: Invalid value: \"../b\": must not contain '..'")]
    [InlineData("'volumeMounts':[{'name':'v','mountPath':'/a','mountPropagation':'Bidirectional'}]",
        "volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers")]
    [InlineData("'volumeMounts':[{'name':'v','mountPath':'/a','recursiveReadOnly':'Enabled'}]",
        "volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true")]
    [InlineData("'volumeDevices':[{'name':'v','devicePath':'/dev/a'}]",
        "volumeDevices[0].name: Invalid value: \"v\": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")]
    [InlineData("'livenessProbe':{}", "livenessProbe: Required value: must specify a handler type")]
    [InlineData("'livenessProbe':{'tcpSocket':{'port':1},'exec':{'command':['x']}}", "livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type")]
    [InlineData("'livenessProbe':{'tcpSocket':{'port':1},'successThreshold':2}", "livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData("'readinessProbe':{'tcpSocket':{'port':1},'periodSeconds':-1}", "readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("'readinessProbe':{'httpGet':{'path':'/','port':0,'scheme':'HTTP'}}",
        "readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("'readinessProbe':{'exec':{}}", "readinessProbe.exec.command: Required value")]
    [InlineData("'restartPolicy':'Sometimes'", "restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"")]
    [InlineData("'resources':{'requests':{'cpu':'2'},'limits':{'cpu':'1'}}", "resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData("'resources':{'limits':{'cpu':'-1'}}",
        "resources.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0|resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("'resources':{'requests':{'pods':'1'}}", "resources.requests[pods]: Invalid value: \"pods\": must be a standard resource for containers")]
    [InlineData("'resources':{'requests':{'gpu':'1'}}",
        "resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified|resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource for containers")]
    [InlineData("'resources':{'requests':{'a.b/gpu':'1'}}", "resources.limits: Required value: Limit must be set for non overcommitable resources")]
    [InlineData("'resources':{'limits':{'a.b/gpu':'500m'}}",
        "resources.limits[a.b/gpu]: Invalid value: \"500m\": must be an integer|resources.requests[a.b/gpu]: Invalid value: \"500m\": must be an integer")]
    [InlineData("'resources':{'limits':{'hugepages-2Mi':'2Mi'}}", "resources: Forbidden: HugePages require cpu or memory")]
    [InlineData("'resources':{'claims':[{'name':'c'}]}", "resources.claims[0]: Not found: \"c\": must be one of the names in pod.spec.resourceClaims which is empty")]
    [InlineData("'securityContext':{'runAsUser':-1}", "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    [InlineData("'securityContext':{'seccompProfile':{'type':'Localhost'}}",
        "securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost")]
    [InlineData("'securityContext':{'procMount':'Unmasked'}", "securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`")]
    public void What_is_wrong_with_a_container_is_said_as_upstream_says_it(string container, string causes) => Assert.Equal(
        causes.Split('|').Select(cause => "spec.containers[0]." + cause),
        Strategies.Create("pods", Pod($"'volumes':[{{'name':'v'}}],'containers':[{{'name':'a','image':'i',{container}}}]")));

    [Theory]
    [InlineData("{'name':'v','emptyDir':{},'hostPath':{'path':'/'}}", "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type")]
    [InlineData("{'name':'v','hostPath':{'path':''}}", "spec.volumes[0].hostPath.path: Required value")]
    [InlineData("{'name':'v','hostPath':{'path':'/a/../b'}}", "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'")]
    [InlineData("{'name':'v','hostPath':{'path':'/a','type':'Pipe'}}",
        "spec.volumes[0].hostPath.type: Unsupported value: \"Pipe\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"")]
    [InlineData("{'name':'v','secret':{}}", "spec.volumes[0].secret.secretName: Required value")]
    [InlineData("{'name':'v','configMap':{'name':'c','defaultMode':512}}",
        "spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive")]
    [InlineData("{'name':'v','configMap':{'name':'c','items':[{'key':'k','path':'/a'}]}}", "spec.volumes[0].configMap.items[0].path: Invalid value: \"/a\": must be a relative path")]
    [InlineData("{'name':'v','configMap':{'name':'c','items':[{'key':'k','path':'..a'}]}}", "spec.volumes[0].configMap.items[0].path: Invalid value: \"..a\": must not start with '..'")]
    [InlineData("{'name':'v','persistentVolumeClaim':{}}", "spec.volumes[0].persistentVolumeClaim.claimName: Required value")]
    [InlineData("{'name':'v','nfs':{'server':'s','path':'rel'}}", "spec.volumes[0].nfs.path: Invalid value: \"rel\": must be an absolute path")]
    [InlineData("{'name':'v','csi':{'driver':''}}",
        "spec.volumes[0].csi.driver: Required value|spec.volumes[0].csi.driver: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData("{'name':'v','ephemeral':{'volumeClaimTemplate':{'spec':{'resources':{'requests':{'storage':'1Gi'}}}}}}",
        "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required")]
    [InlineData("{'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'t','expirationSeconds':599}}]}}",
        "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")]
    [InlineData("{'name':'v','projected':{'sources':[{'secret':{'name':'a','items':[{'key':'k','path':'p'}]}},{'configMap':{'name':'b','items':[{'key':'k','path':'p'}]}}]}}",
        "spec.volumes[0].projected: Invalid value: \"b\": conflicting duplicate paths")]
    [InlineData("{'name':'v','projected':{'sources':[{'secret':{'name':'a'},'configMap':{'name':'b'}}]}}",
        "spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source")]
    [InlineData("{'name':'v'},{'name':'v'}", "spec.volumes[1].name: Duplicate value: \"v\"")]
    public void What_is_wrong_with_a_volume_is_said_as_upstream_says_it(string volumes, string causes) => Assert.Equal(
        causes.Split('|'), Strategies.Create("pods", Pod($"'serviceAccountName':'sa','volumes':[{volumes}],'containers':[{{'name':'a','image':'i'}}]")));

    [Theory]
    [InlineData("'tolerations':[{'key':'a','operator':'Maybe'}]", "spec.tolerations[0].operator: Unsupported value: \"Maybe\": supported values: \"Equal\", \"Exists\"")]
    [InlineData("'tolerations':[{'value':'a'}]",
        "spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means \\\"match all values and all keys\\\"")]
    [InlineData("'tolerations':[{'key':'a','operator':'Exists','tolerationSeconds':1,'effect':'NoSchedule'}]",
        "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set")]
    [InlineData("'topologySpreadConstraints':[{'maxSkew':0,'topologyKey':'k','whenUnsatisfiable':'DoNotSchedule'}]",
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero")]
    [InlineData("'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'k','whenUnsatisfiable':'Never'}]",
        "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"Never\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"")]
    [InlineData("'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[]}}}",
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term")]
    [InlineData("'affinity':{'podAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':101,'podAffinityTerm':{'topologyKey':'k'}}]}}",
        "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100")]
    [InlineData("'schedulingGates':[{'name':'a'},{'name':'a'}]", "spec.schedulingGates[1]: Duplicate value: \"a\"")]
    [InlineData("'securityContext':{'sysctls':[{'name':'net.a','value':'1'}]},'hostNetwork':true",
        "spec.securityContext.sysctls[0].name: Invalid value: \"net.a\": may not be specified when 'hostNetwork' is true")]
    [InlineData("'hostUsers':false,'hostNetwork':true", "spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false")]
    public void What_is_wrong_with_where_a_pod_goes_is_said_as_upstream_says_it(string spec, string cause) =>
        Assert.Equal([cause.Replace("\\\"", "\"")], Strategies.Create("pods", Pod($"{spec},'containers':[{{'name':'a','image':'i'}}]")));

    [Fact]
    public void An_init_container_without_restarts_has_no_probes() => Assert.Equal(
        ["spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"],
        Strategies.Create("pods", Pod("'initContainers':[{'name':'b','image':'i','livenessProbe':{'exec':{'command':['x']}}}],'containers':[{'name':'a','image':'i'}]")));

    private static string Pod(string spec) => $"{{'apiVersion':'v1','kind':'Pod','metadata':{{'name':'p','namespace':'n'}},'spec':{{{spec}}}}}";
}
