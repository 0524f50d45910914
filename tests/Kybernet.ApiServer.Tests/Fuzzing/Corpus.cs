using System.Text;

namespace Kybernet.ApiServer.Tests.Fuzzing;

/// <summary>Good requests of many kinds, to be made bad. What would change how the server answers others is not kept (<c>dryRun</c>).</summary>
internal static class Corpus
{
    /// <summary>A type of the corpus' own, with rules; made first.</summary>
    public const string Definition = """
        {"metadata":{"name":"widgets.fuzz.example.com"},"spec":{"group":"fuzz.example.com","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},
         "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"}},
          "additionalPrinterColumns":[{"name":"Size","type":"integer","jsonPath":".spec.size"}],
          "schema":{"openAPIV3Schema":{"type":"object","properties":{
           "spec":{"type":"object","x-kubernetes-validations":[{"rule":"self.size <= 10 || self.name.matches('^a+$')","message":"too big"},{"rule":"self.size >= oldSelf.size"}],
            "properties":{"size":{"type":"integer","minimum":0,"default":1},"name":{"type":"string","maxLength":20,"default":"a"},"any":{"x-kubernetes-preserve-unknown-fields":true},
             "port":{"x-kubernetes-int-or-string":true},"list":{"type":"array","maxItems":10,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
              "items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"},"at":{"type":"string","format":"date-time"}}}}}},
           "status":{"type":"object","properties":{"size":{"type":"integer"}}}}}}}]}}
        """;

    private const string PodSpec = """
        {"containers":[{"name":"c","image":"i:1","command":["a"],"env":[{"name":"A","value":"b"},{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
         "ports":[{"containerPort":80,"protocol":"TCP","name":"http"}],"resources":{"requests":{"cpu":"100m","memory":"1Gi"},"limits":{"memory":"2Gi"}},
         "livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},"volumeMounts":[{"name":"v","mountPath":"/v","subPath":"s"}],
         "securityContext":{"runAsUser":1,"capabilities":{"drop":["ALL"]}}}],
         "volumes":[{"name":"v","projected":{"sources":[{"configMap":{"name":"m","items":[{"key":"k","path":"p"}]}}]}}],
         "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]}}},
         "tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":5}],"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"a":"b"}}}],
         "serviceAccountName":"default","automountServiceAccountToken":false}
        """;

    private const string Default = "/api/v1/namespaces/default";
    private const string Apps = "/apis/apps/v1/namespaces/default";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string JsonPatch = "application/json-patch+json";
    private const string Apply = "application/apply-patch+yaml";
    private const string Yaml = "application/yaml";

    /// <summary>Objects that the rest of the corpus is about: kept, and made before.</summary>
    public static IReadOnlyList<FuzzRequest> First { get; } =
    [
        Post($"{Default}/serviceaccounts", """{"metadata":{"name":"default"}}"""),
        Post($"{Default}/configmaps", """{"metadata":{"name":"map","labels":{"a":"b"}},"data":{"k":"v"}}"""),
        Post($"{Apps}/deployments", Workload("Deployment")),
        Post($"{Default}/pods", $$"""{"metadata":{"name":"pod"},"spec":{{PodSpec}}}"""),
        Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition),
    ];

    public static IReadOnlyList<FuzzRequest> All { get; } =
    [
        Post($"{Default}/pods", $$"""{"metadata":{"generateName":"p-","labels":{"a":"b"},"annotations":{"x/y":"z"},"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"o","uid":"u"}]},"spec":{{PodSpec}}}"""),
        Post($"{Default}/pods", "apiVersion: v1\nkind: Pod\nmetadata: {generateName: y-, labels: &l {a: b}}\nspec:\n  containers:\n  - name: c\n    image: >-\n      i\n    args: [\"a\", 'b', |\n", Yaml),
        Post($"{Apps}/deployments", Workload("Deployment").Replace("\"one\"", "\"two\"", StringComparison.Ordinal), dryRun: true),
        Post($"{Apps}/statefulsets", Workload("StatefulSet"), dryRun: true),
        Post($"{Apps}/daemonsets", Workload("DaemonSet"), dryRun: true),
        Post($"{Default}/services", """{"metadata":{"generateName":"s-"},"spec":{"type":"NodePort","ports":[{"port":80,"targetPort":"http","protocol":"TCP"}],"selector":{"a":"b"},"ipFamilyPolicy":"SingleStack","sessionAffinity":"ClientIP"}}"""),
        Post("/apis/batch/v1/namespaces/default/cronjobs", """{"metadata":{"generateName":"c-"},"spec":{"schedule":"*/5 * * * *","timeZone":"Etc/UTC","jobTemplate":{"spec":{"completions":1,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}"""),
        Post("/apis/networking.k8s.io/v1/namespaces/default/ingresses", """{"metadata":{"generateName":"i-"},"spec":{"rules":[{"host":"a.b","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}],"tls":[{"hosts":["a.b"],"secretName":"s"}]}}"""),
        Post("/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", """{"metadata":{"generateName":"n-"},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"port":80,"endPort":90}]}]}}"""),
        Post("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"metadata":{"generateName":"h-"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"one"},"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}],"behavior":{"scaleDown":{"policies":[{"type":"Pods","value":1,"periodSeconds":60}]}}}}"""),
        Post("/apis/policy/v1/namespaces/default/poddisruptionbudgets", """{"metadata":{"generateName":"b-"},"spec":{"minAvailable":"50%","selector":{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]}}}"""),
        Post("/api/v1/persistentvolumes", """{"metadata":{"generateName":"v-"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"k","operator":"Gt","values":["1"]}]}]}}}}""", dryRun: true),
        Post("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"generateName":"r-"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["x"]}],"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}}""", dryRun: true),
        Post("/apis/certificates.k8s.io/v1/certificatesigningrequests", """{"metadata":{"generateName":"q-"},"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"],"expirationSeconds":600}}"""),
        Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition.Replace("widget", "gadget", StringComparison.Ordinal).Replace("Widget", "Gadget", StringComparison.Ordinal), dryRun: true),
        Post("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", """{"metadata":{"generateName":"p-"},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments"]}]},"variables":[{"name":"n","expression":"object.spec.replicas"}],"matchConditions":[{"name":"m","expression":"request.userInfo.username != ''"}],"validations":[{"expression":"variables.n < 5 && object.metadata.name.startsWith('a')","messageExpression":"'n is ' + string(variables.n)"}],"auditAnnotations":[{"key":"k","valueExpression":"'v'"}]}}""", dryRun: true),
        Post("/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies", """{"metadata":{"generateName":"p-"},"spec":{"reinvocationPolicy":"Never","matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments"]}]},"mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{spec: Object.spec{replicas: 2}}"}}]}}""", dryRun: true),
        Post("/apis/fuzz.example.com/v1/namespaces/default/widgets", """{"apiVersion":"fuzz.example.com/v1","kind":"Widget","metadata":{"generateName":"w-"},"spec":{"size":3,"name":"aa","any":{"x":[1]},"port":"http","list":[{"k":"a","at":"2026-01-01T00:00:00Z"}]}}"""),
        Post("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"user":"u","groups":["g"],"extra":{"k":["v"]},"resourceAttributes":{"verb":"get","group":"apps","resource":"deployments","namespace":"default","fieldSelector":{"requirements":[{"key":"a","operator":"In","values":["b"]}]}}}}"""),
        Post("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"a.b.c","audiences":["x"]}}"""),
        Post($"{Default}/serviceaccounts/default/token", """{"spec":{"audiences":["a"],"expirationSeconds":3600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"pod"}}}"""),
        Post($"{Default}/pods/pod/eviction", """{"metadata":{"name":"pod"},"deleteOptions":{"gracePeriodSeconds":1}}""", dryRun: true),
        Post($"{Default}/pods/pod/binding", """{"metadata":{"name":"pod"},"target":{"kind":"Node","name":"n"}}""", dryRun: true),
        With("PUT", $"{Apps}/deployments/one/scale", "application/json", """{"metadata":{"name":"one","namespace":"default"},"spec":{"replicas":2}}"""),
        With("PUT", $"{Default}/configmaps/map", "application/json", """{"metadata":{"name":"map"},"data":{"k":"w"},"binaryData":{"b":"AA=="}}"""),
        With("PATCH", $"{Default}/configmaps/map", Merge, """{"data":{"k":null,"l":"m"},"metadata":{"labels":{"a":"c"}}}"""),
        With("PATCH", $"{Apps}/deployments/one", Strategic, """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"c"}],"containers":[{"name":"c","image":"j","env":[{"name":"A","$patch":"delete"}]}],"imagePullSecrets":[{"name":"s","$patch":"delete"}]}},"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"""),
        With("PATCH", $"{Apps}/deployments/one", JsonPatch, """[{"op":"test","path":"/metadata/name","value":"one"},{"op":"replace","path":"/spec/replicas","value":3},{"op":"add","path":"/metadata/labels/x~1y","value":"z"},{"op":"move","from":"/metadata/labels/a","path":"/metadata/labels/b"},{"op":"copy","from":"/spec/replicas","path":"/spec/minReadySeconds"},{"op":"remove","path":"/spec/template/spec/containers/0/env/0"}]"""),
        With("PATCH", $"{Apps}/deployments/one/status", Merge, """{"status":{"replicas":1,"conditions":[{"type":"Available","status":"True"}]}}"""),
        With("PATCH", $"{Apps}/deployments/one", Apply, Workload("Deployment").Replace("\"replicas\":1", "\"replicas\":4", StringComparison.Ordinal), ("fieldManager", "fuzz"), ("force", "true")),
        With("PATCH", "/apis/fuzz.example.com/v1/namespaces/default/widgets/applied", Apply, """{"apiVersion":"fuzz.example.com/v1","kind":"Widget","metadata":{"name":"applied"},"spec":{"size":4,"list":[{"k":"a"},{"k":"b"}]}}""", ("fieldManager", "fuzz"), ("force", "true")),
        With("PATCH", $"{Default}/pods/pod/resize", Strategic, """{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"200m"}}}]}}"""),
        With("PATCH", $"{Default}/pods/pod/ephemeralcontainers", Strategic, """{"spec":{"ephemeralContainers":[{"name":"e","image":"i","targetContainerName":"c"}]}}""", ("dryRun", "All")),
        With("DELETE", $"{Default}/configmaps/map", "application/json", """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Background","preconditions":{"uid":"u","resourceVersion":"1"}}""", ("dryRun", "All")),
        With("DELETE", $"{Default}/configmaps", "application/json", """{"propagationPolicy":"Orphan"}""", ("labelSelector", "a=b"), ("dryRun", "All")),
        With("GET", $"{Default}/pods", "", "", ("labelSelector", "a in (b,c),!d"), ("fieldSelector", "spec.nodeName=n"), ("limit", "5"), ("resourceVersion", "1"), ("resourceVersionMatch", "NotOlderThan")),
        With("GET", "/api/v1/configmaps", "", "", ("limit", "1"), ("continue", Convert.ToBase64String("""{"v":"meta.k8s.io/v1","rv":5,"start":"default/map\u0000"}"""u8))),
        With("GET", "/apis/fuzz.example.com/v1/widgets", "", "", ("fieldSelector", "metadata.name=x"), ("resourceVersion", "0")),
        new FuzzRequest("POST", $"{Default}/configmaps", [], "application/vnd.kubernetes.protobuf", Protobuf),
    ];

    // ConfigMap proto-map with {"k":"v"} in the envelope that kube-apiserver puts around it.
    private static byte[] Protobuf =>
    [
        .. "k8s\0"u8, 0x0a, 0x0f, 0x0a, 2, .. "v1"u8, 0x12, 9, .. "ConfigMap"u8, 0x12, 0x15, 0x0a, 0x0b, 0x0a, 9, .. "proto-map"u8, 0x12, 6, 0x0a, 1, .. "k"u8, 0x12, 1, .. "v"u8, 0x1a, 0, 0x22, 0,
    ];

    private static string Workload(string kind) =>
        $$$"""{"apiVersion":"apps/v1","kind":"{{{kind}}}","metadata":{"name":"one","labels":{"a":"b"}},"spec":{{{{(kind == "DaemonSet" ? "" : "\"replicas\":1,")}}}"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{{{PodSpec}}}} } }""";

    private static FuzzRequest Post(string path, string body, string contentType = "application/json", bool dryRun = false) =>
        With("POST", path, contentType, body, dryRun ? [("dryRun", "All")] : []);

    private static FuzzRequest With(string method, string path, string contentType, string body, params (string Name, string Value)[] query) =>
        new(method, path, [.. query.Select(static parameter => KeyValuePair.Create(parameter.Name, parameter.Value))], contentType, Encoding.UTF8.GetBytes(body));

    private static FuzzRequest Post(string path, string body, bool dryRun) => Post(path, body, "application/json", dryRun);
}
