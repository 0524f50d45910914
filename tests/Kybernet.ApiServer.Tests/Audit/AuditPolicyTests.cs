using System.Text.Json.Nodes;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Audit.Policy;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Tests.Audit;

public sealed class AuditPolicyTests
{
    private static readonly UserInfo User = new("jane", ["dev", "system:authenticated"]);

    [Theory]
    [InlineData("{}", "GET", "/api/v1/namespaces/a/pods/p", true)]
    [InlineData("""{"users":["jane"],"userGroups":["ops","dev"],"verbs":["get"]}""", "GET", "/api/v1/namespaces/a/pods/p", true)]
    [InlineData("""{"users":["joe"]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"userGroups":["ops"]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"verbs":["list"]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"namespaces":["a"]}""", "GET", "/api/v1/namespaces/a/pods/p", true)]
    [InlineData("""{"namespaces":["b"]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"namespaces":[""]}""", "GET", "/api/v1/nodes", true)]
    [InlineData("""{"namespaces":[""]}""", "GET", "/healthz", false)]
    [InlineData("""{"resources":[{"group":""}]}""", "GET", "/api/v1/namespaces/a/pods/p/log", true)]
    [InlineData("""{"resources":[{"group":"apps"}]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"resources":[{"group":"","resources":["pods"]}]}""", "GET", "/api/v1/namespaces/a/pods/p", true)]
    [InlineData("""{"resources":[{"group":"","resources":["pods"]}]}""", "GET", "/api/v1/namespaces/a/pods/p/log", false)]
    [InlineData("""{"resources":[{"group":"","resources":["pods/log"]}]}""", "GET", "/api/v1/namespaces/a/pods/p/log", true)]
    [InlineData("""{"resources":[{"group":"","resources":["pods/*"]}]}""", "GET", "/api/v1/namespaces/a/pods/p", true)]
    [InlineData("""{"resources":[{"group":"","resources":["*/log"]}]}""", "GET", "/api/v1/namespaces/a/pods/p/log", true)]
    [InlineData("""{"resources":[{"group":"","resources":["*/status"]}]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"resources":[{"group":"","resources":["*"]}]}""", "GET", "/api/v1/namespaces/a/pods/p/log", true)]
    [InlineData("""{"resources":[{"group":"","resources":["pods"],"resourceNames":["p"]}]}""", "GET", "/api/v1/namespaces/a/pods/p", true)]
    [InlineData("""{"resources":[{"group":"","resources":["pods"],"resourceNames":["q"]}]}""", "GET", "/api/v1/namespaces/a/pods/p", false)]
    [InlineData("""{"nonResourceURLs":["/healthz"]}""", "GET", "/healthz", true)]
    [InlineData("""{"nonResourceURLs":["/healthz*"]}""", "GET", "/healthz/etcd", true)]
    [InlineData("""{"nonResourceURLs":["/healthz"]}""", "GET", "/healthz/etcd", false)]
    [InlineData("""{"nonResourceURLs":["*"]}""", "GET", "/api/v1/nodes", false)]
    public void A_rule_is_about_what_it_says(string rule, string method, string path, bool isAbout)
    {
        var json = JsonNode.Parse(rule)!.AsObject();
        json["level"] = "Request";
        var policy = Read(json);

        var config = policy.For(RequestInfoParser.Parse(method, path, isWatch: false, ""), User);

        Assert.Equal(isAbout ? AuditLevel.Request : AuditLevel.None, config.Level);
    }

    [Fact]
    public void The_first_rule_that_is_about_a_request_counts_with_the_stages_of_the_policy()
    {
        var policy = AuditPolicyReader.Read(JsonNode.Parse("""
            {"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],"omitManagedFields":true,"rules":[
              {"level":"None","users":["joe"]},{"level":"Metadata","omitStages":["Panic"],"omitManagedFields":false},{"level":"Request"}]}
            """)!.AsObject());

        var config = policy.For(RequestInfoParser.Parse("GET", "/api/v1/nodes", isWatch: false, ""), User);

        Assert.Equal((AuditLevel.Metadata, false), (config.Level, config.OmitManagedFields));
        Assert.Equal([AuditStage.RequestReceived, AuditStage.Panic], config.OmitStages);
    }

    [Theory]
    [InlineData("""{"level":"All"}""", "rules[0].level: Unsupported value: \"All\": supported values: \"None\", \"Metadata\", \"Request\", \"RequestResponse\"")]
    [InlineData("{}", "rules[0].level: Required value")]
    [InlineData("""{"level":"None","omitStages":["End"]}""", "rules[0].omitStages[0]: Invalid value: \"End\": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic")]
    [InlineData("""{"level":"None","nonResourceURLs":["healthz","/a*b"]}""", "rules[0].nonResourceURLs[0]: Invalid value: \"healthz\": non-resource URL rules must begin with a '/' character, rules[0].nonResourceURLs[1]: Invalid value: \"/a*b\": non-resource URL wildcards '*' must be the final character of the rule")]
    [InlineData("""{"level":"None","resources":[{"resourceNames":["p"]}]}""", "using resourceNames requires at least one resource")]
    [InlineData("""{"level":"None","namespaces":["a"],"nonResourceURLs":["/x"]}""", "rules cannot apply to both regular resources and non-resource URLs")]
    [InlineData("""{"level":"None","user":["a"]}""", "strict decoding error: unknown field \"rules[0].user\"")]
    public void A_policy_that_makes_no_sense_is_refused(string rule, string message)
    {
        var failure = Assert.Throws<ConfigurationException>(() => Read(JsonNode.Parse(rule)!.AsObject()));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private static AuditPolicy Read(JsonObject rule) =>
        AuditPolicyReader.Read(new JsonObject { ["apiVersion"] = "audit.k8s.io/v1", ["kind"] = "Policy", ["rules"] = new JsonArray(rule) });
}
