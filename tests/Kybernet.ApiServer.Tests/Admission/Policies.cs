using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission;

/// <summary>Policies of admission that tests make.</summary>
internal static class Policies
{
    private const string Group = "/apis/admissionregistration.k8s.io/v1";

    private const string Deployments = """{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["deployments"]}]}""";

    /// <summary>Makes the policy <c>p</c>, about Deployments unless it says otherwise.</summary>
    public static async Task PolicyAsync(this TestServer server, string spec, string kind = "Validating")
    {
        var (code, answer) = await server.TryPolicyAsync(spec, kind);
        Assert.True(code == 201, answer?.ToJsonString());
    }

    public static Task<(int Code, JsonNode? Body)> TryPolicyAsync(this TestServer server, string spec, string kind = "Validating")
    {
        var tree = JsonNode.Parse(spec)!;
        tree["matchConstraints"] ??= JsonNode.Parse(Deployments);
        return server.SendAsync(HttpMethod.Post, $"{Group}/{kind.ToLowerInvariant()}admissionpolicies", Wrap($"{kind}AdmissionPolicy", "p", tree));
    }

    /// <summary>Binds it, by the binding <c>b</c>, to deny unless it says otherwise.</summary>
    public static async Task BindAsync(this TestServer server, string spec = "{}", string kind = "Validating")
    {
        var (code, answer) = await server.TryBindAsync(spec, kind);
        Assert.True(code == 201, answer?.ToJsonString());
    }

    public static Task<(int Code, JsonNode? Body)> TryBindAsync(this TestServer server, string spec, string kind = "Validating")
    {
        var tree = JsonNode.Parse(spec)!;
        tree["policyName"] = "p";
        if (kind == "Validating")
        {
            tree["validationActions"] ??= new JsonArray("Deny");
        }
        return server.SendAsync(HttpMethod.Post, $"{Group}/{kind.ToLowerInvariant()}admissionpolicybindings", Wrap($"{kind}AdmissionPolicyBinding", "b", tree));
    }

    public static string Deployment(string name, int replicas) => $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"}},
         "spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"{{{name}}}"}},
                 "template":{"metadata":{"labels":{"app":"{{{name}}}"}},"spec":{"containers":[{"name":"c","image":"i"}]} } } }
        """;

    private static string Wrap(string kind, string name, JsonNode spec) => new JsonObject
    {
        ["apiVersion"] = "admissionregistration.k8s.io/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = spec,
    }.ToJsonString();
}
