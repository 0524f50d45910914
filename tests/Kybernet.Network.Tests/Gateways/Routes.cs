namespace Kybernet.Network.Tests.Gateways;

/// <summary>Gateways and routes as YAML, of which only what a test is about has to be said.</summary>
internal static class Routes
{
    /// <summary>A Gateway <c>web</c> with a listener for all names and namespaces at port 80.</summary>
    public const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web}
        spec:
          gatewayClassName: kybernet
          listeners:
          - {name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
        """;

    /// <summary>An HTTPRoute of the Gateway <c>web</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rules">Its rules.</param>
    /// <param name="hostnames">Its hostnames, separated by commas.</param>
    /// <param name="parents">Its parents, likewise, where it has others.</param>
    /// <param name="kind">The kind, where it is another.</param>
    public static string Http(string name, string rules, string hostnames = "", string parents = "{name: web}", string kind = "HTTPRoute") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{kind}}
        metadata: {name: {{name}}}
        spec:
          parentRefs: [{{parents}}]
          hostnames: [{{hostnames}}]
          rules:
            {{rules.Replace("\n", "\n    ", StringComparison.Ordinal)}}
        """;

    /// <summary>The rule that sends everything to a backend.</summary>
    public static string To(string backend) => $"[{{backendRefs: [{{name: {backend}, port: 8080}}]}}]";

    /// <summary>A ReferenceGrant.</summary>
    public static string Grant(string name, string @namespace, string from, string to) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: {{name}}, namespace: {{@namespace}}}
        spec:
          from: [{{from}}]
          to: [{{to}}]
        """;
}
