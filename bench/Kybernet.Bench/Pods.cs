using System.Text;

namespace Kybernet.Bench;

/// <summary>The objects of the load: pods of about 2 KB, as a Deployment makes them.</summary>
internal static class Pods
{
    /// <summary>A pod as a client sends it.</summary>
    public static byte[] New(string name) => Encoding.UTF8.GetBytes($$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{name}}}}","labels":{"app":"bench","pod-template-hash":"6d4cf56db6","tier":"backend","team":"platform"},"annotations":{"example.com/checksum":"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae","example.com/note":"{{{{new string('x', 300)}}}}"}},"spec":{"automountServiceAccountToken":false,"containers":[{"name":"main","image":"registry.example.com/team/service:1.2.3","imagePullPolicy":"IfNotPresent","command":["/bin/service"],"args":["--listen=:8080","--log-level=info"],"ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},{"name":"MODE","value":"production"}],"resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"500m","memory":"256Mi"}},"readinessProbe":{"httpGet":{"path":"/ready","port":8080,"scheme":"HTTP"},"periodSeconds":10,"timeoutSeconds":1,"successThreshold":1,"failureThreshold":3},"livenessProbe":{"httpGet":{"path":"/live","port":8080,"scheme":"HTTP"},"periodSeconds":10,"timeoutSeconds":1,"successThreshold":1,"failureThreshold":3},"volumeMounts":[{"name":"config","mountPath":"/etc/service","readOnly":true}]}],"volumes":[{"name":"config","configMap":{"name":"service-config","defaultMode":420}}],"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]}}
        """);

    /// <summary>Bytes of the size of a stored pod.</summary>
    public static byte[] Stored(string @namespace, string name)
    {
        var pod = New(name);
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(pod).Replace("\"labels\"", $"\"namespace\":\"{@namespace}\",\"uid\":\"00000000-0000-0000-0000-000000000000\",\"resourceVersion\":\"12345\",\"labels\"", StringComparison.Ordinal));
    }
}
