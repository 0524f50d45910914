namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>What is wrong with the kinds that storage is asked for with; causes are separated by bars.</summary>
public sealed class StorageKindTests
{
    private const string Volume = "'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce']";
    private const string Nfs = "'nfs':{'server':'s','path':'/p'}";
    private const string Claim = "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}";

    [Theory]
    [InlineData($"{Volume},{Nfs}", "")]
    [InlineData(Nfs,
        "spec.accessModes: Required value|spec.capacity: Required value|spec.capacity: Unsupported value: null: supported values: \"storage\"")]
    [InlineData($"'accessModes':['ReadWriteOnce'],'capacity':{{'cpu':'1'}},{Nfs}",
        "spec.capacity: Unsupported value: {\"cpu\":\"1\"}: supported values: \"storage\"")]
    [InlineData($"'accessModes':['ReadWriteOnce'],'capacity':{{'storage':'0'}},{Nfs}", "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData($"'accessModes':['ReadMost'],'capacity':{{'storage':'1'}},{Nfs}",
        "spec.accessModes: Unsupported value: \"ReadMost\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"")]
    [InlineData(Volume, "spec: Required value: must specify a volume type")]
    [InlineData($"{Volume},{Nfs},'hostPath':{{'path':'/p'}}", "spec.nfs: Forbidden: may not specify more than 1 volume type")]
    [InlineData($"{Volume},'hostPath':{{'path':'/'}},'persistentVolumeReclaimPolicy':'Recycle'",
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'")]
    [InlineData($"{Volume},{Nfs},'persistentVolumeReclaimPolicy':'Burn'",
        "spec.persistentVolumeReclaimPolicy: Unsupported value: \"Burn\": supported values: \"Delete\", \"Recycle\", \"Retain\"")]
    [InlineData($"{Volume},'local':{{'path':'/p'}}", "spec.nodeAffinity: Required value: Local volume requires node affinity")]
    [InlineData($"{Volume},{Nfs},'nodeAffinity':{{}}", "spec.nodeAffinity.required: Required value: must specify required node constraints")]
    [InlineData($"{Volume},'csi':{{'driver':'a','volumeHandle':'','nodePublishSecretRef':{{'name':'s'}}}}",
        "spec.csi.volumeHandle: Required value|spec.csi.nodePublishSecretRef.namespace: Required value")]
    [InlineData($"{Volume},{Nfs},'volumeAttributesClassName':'gold'", "spec.csi: Required value: has to be specified when using volumeAttributesClassName")]
    [InlineData($"{Volume},{Nfs},'volumeMode':'Tape'", "spec.volumeMode: Unsupported value: \"Tape\": supported values: \"Block\", \"Filesystem\"")]
    public void What_is_wrong_with_a_persistent_volume_is_said_as_upstream_says_it(string spec, string causes) =>
        Refused(causes, Strategies.Create("persistentvolumes", $"{{'spec':{{{spec}}}}}"));

    [Theory]
    [InlineData($"{Nfs},'capacity':{{'storage':'2Gi'}},'accessModes':['ReadWriteMany'],'persistentVolumeReclaimPolicy':'Retain'", "")]
    [InlineData($"{Volume},{Nfs},'volumeMode':'Block'", "volumeMode: Invalid value: \"Block\": field is immutable")]
    [InlineData($"{Volume},'nfs':{{'server':'t','path':'/p'}}",
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n  PersistentVolumeSource{\n  \tnfs: {\n- \t\tserver: \"s\",\n+ \t\tserver: \"t\",\n  \t\t... // 1 identical field\n  \t},\n  }\n")]
    public void Where_a_persistent_volume_is_stays(string spec, string causes) =>
        Refused(causes, Strategies.Update("persistentvolumes", $"{{'spec':{{{Volume},{Nfs}}}}}", $"{{'spec':{{{spec}}}}}"));

    [Fact]
    public void Of_a_persistent_volume_what_is_out_of_date_is_told() => Assert.Equal(
        ["spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
            "spec.rbd: deprecated in v1.28, non-functional in v1.31+"],
        Strategies.Of("persistentvolumes").Warnings(Strategies.Encode(
            "{'spec':{'rbd':{'monitors':['m'],'image':'i'},'persistentVolumeReclaimPolicy':'Recycle','nodeAffinity':{'required':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'beta.kubernetes.io/os','operator':'Exists'}]}]}}}}")));

    [Theory]
    [InlineData("Bound", Claim, "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'2Gi'}}", "")]
    [InlineData("Bound", Claim, $"{Claim},'volumeName':'pv','storageClassName':'fast','volumeAttributesClassName':'gold'", "")]
    [InlineData("Bound", $"{Claim},'volumeAttributesClassName':'gold'", Claim,
        "spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden")]
    [InlineData("Pending", Claim, "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'2Gi'}}",
        "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n  PersistentVolumeClaimSpec{\n  \tresources: {\n  \t\trequests: {\n- \t\t\tstorage: \"1Gi\",\n+ \t\t\tstorage: \"2Gi\",\n  \t\t},\n  \t},\n  \t... // 1 identical field\n  }\n")]
    [InlineData("Bound", Claim, "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'512Mi'}}",
        "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity")]
    public void A_claim_only_grows_once_it_is_bound(string phase, string before, string after, string causes) => Refused(causes, Strategies.Update(
        "persistentvolumeclaims",
        $"{{'spec':{{{before}}},'status':{{'phase':'{phase}','capacity':{{'storage':'1Gi'}}}}}}",
        $"{{'spec':{{{after}}},'status':{{'phase':'{phase}','capacity':{{'storage':'1Gi'}}}}}}"));

    [Theory]
    [InlineData("storageclasses", "{'provisioner':''}", "provisioner: Required value")]
    [InlineData("storageclasses", "{'provisioner':'p','parameters':{'':'x'}}", "parameters: Invalid value: \"\": field can not be empty.")]
    [InlineData("storageclasses", "{'provisioner':'p','reclaimPolicy':'Recycle'}",
        "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"")]
    [InlineData("storageclasses", "{'provisioner':'p','volumeBindingMode':'Never'}",
        "volumeBindingMode: Unsupported value: \"Never\": supported values: \"Immediate\", \"WaitForFirstConsumer\"")]
    [InlineData("storageclasses", "{'provisioner':'p','allowedTopologies':[{'matchLabelExpressions':[{'key':'k','values':[]},{'key':'k','values':['a','a']}]}]}",
        "allowedTopologies[0].matchLabelExpressions[0].values: Required value|allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: \"a\"|allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: \"k\"")]
    [InlineData("volumeattributesclasses", "{'driverName':'d'}", "parameters: Required value: must contain at least one key/value pair")]
    [InlineData("csidrivers", "{'spec':{'fsGroupPolicy':'Perhaps','volumeLifecycleModes':['Eternal']}}",
        "spec.fsGroupPolicy: Unsupported value: \"Perhaps\": supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\"|spec.volumeLifecycleModes: Unsupported value: \"Eternal\": supported values: \"Persistent\", \"Ephemeral\"")]
    [InlineData("csidrivers", "{'spec':{'tokenRequests':[{'audience':'a','expirationSeconds':5},{'audience':'a'}],'nodeAllocatableUpdatePeriodSeconds':9}}",
        "spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes|spec.tokenRequests[1].audience: Duplicate value: \"a\"|spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds")]
    [InlineData("csinodes", "{'spec':{'drivers':[{'name':'d','nodeID':'','allocatable':{'count':-1}},{'name':'d','nodeID':'n','topologyKeys':['k','k']}]}}",
        "spec.drivers[0].nodeID: Required value|spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0|spec.drivers[1]: Duplicate value: \"k\"|spec.drivers[1].name: Duplicate value: \"d\"")]
    [InlineData("csistoragecapacities", "{'storageClassName':'c','capacity':'-1'}", "capacity: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("volumeattachments", "{'spec':{'attacher':'a','nodeName':'n','source':{}}}",
        "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName")]
    [InlineData("volumeattachments", "{'spec':{'attacher':'a','nodeName':'n','source':{'inlineVolumeSpec':{'accessModes':['ReadWriteOnce'],'storageClassName':'c','csi':{'driver':'d','volumeHandle':'h'}}}}}",
        "spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes")]
    [InlineData("volumeattachments", "{'spec':{'attacher':'a','nodeName':'n','source':{'persistentVolumeName':'p'}},'status':{'attached':false,'attachError':{'errorCode':-1}}}",
        "status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    public void What_is_wrong_with_other_kinds_of_storage_is_said_as_upstream_says_it(string resource, string json, string causes) =>
        Refused(causes, Strategies.Create(resource + ".storage.k8s.io", json));

    [Theory]
    [InlineData("storageclasses", "{'provisioner':'p','reclaimPolicy':'Delete','volumeBindingMode':'Immediate'}",
        "{'provisioner':'q','reclaimPolicy':'Retain','volumeBindingMode':'WaitForFirstConsumer','parameters':{'a':'b'}}",
        "parameters: Forbidden: updates to parameters are forbidden.|provisioner: Forbidden: updates to provisioner are forbidden.|reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.|volumeBindingMode: Invalid value: \"WaitForFirstConsumer\": field is immutable")]
    [InlineData("volumeattributesclasses", "{'driverName':'d','parameters':{'a':'b'}}", "{'driverName':'e','parameters':{'a':'c'}}",
        "driverName: Forbidden: updates to driverName are forbidden.|parameters: Forbidden: updates to parameters are forbidden.")]
    [InlineData("csidrivers", "{'spec':{'attachRequired':true}}", "{'spec':{'attachRequired':false}}", "spec.attachedRequired: Invalid value: false: field is immutable")]
    [InlineData("csinodes", "{'spec':{'drivers':[{'name':'d','nodeID':'n','allocatable':{'count':1}}]}}",
        "{'spec':{'drivers':[{'name':'d','nodeID':'n','allocatable':{'count':2}}]}}", "")]
    [InlineData("csinodes", "{'spec':{'drivers':[{'name':'d','nodeID':'n'}]}}", "{'spec':{'drivers':[{'name':'d','nodeID':'m'}]}}",
        "spec.drivers: Invalid value: {\"name\":\"d\",\"nodeID\":\"m\"}: field is immutable")]
    [InlineData("csistoragecapacities", "{'storageClassName':'c'}", "{'storageClassName':'d'}", "storageClassName: Invalid value: \"d\": field is immutable")]
    public void What_storage_is_made_of_stays(string resource, string before, string after, string causes) =>
        Refused(causes, Strategies.Update(resource + ".storage.k8s.io", before, after));

    private static void Refused(string causes, string[] actual) => Assert.Equal(causes.Length == 0 ? [] : causes.Split('|'), actual);
}
