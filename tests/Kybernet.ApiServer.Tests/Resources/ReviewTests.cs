using System.Text.Json.Nodes;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>Questions about who somebody is and what he may do, and requests for certificates.</summary>
public sealed class ReviewTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"one"}}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Trait("Conformance", "serviceaccount-create-and-review-token")]
    public async Task A_token_that_was_asked_for_is_known_as_the_accounts()
    {
        var (made, request) = await _server.SendAsync(
            HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/one/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""");
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = (string)request!["status"]!["token"]! },
        };
        var (reviewed, answer) = await _server.SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", review.ToJsonString());

        Assert.Equal((201, 201), (made, reviewed));
        Assert.True((bool)answer!["status"]!["authenticated"]!);
        Assert.Equal("system:serviceaccount:default:one", (string)answer["status"]!["user"]!["username"]!);
        Assert.Null(answer["status"]!["error"]);
    }

    [Fact]
    [Trait("Conformance", "api-metadata-http-return")]
    public async Task A_review_has_no_table()
    {
        await using var server = await SecureServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        {
            Content = new StringContent("""{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}"""),
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(406, (int)response.StatusCode);
    }

    [Fact]
    [Trait("Conformance", "subjectreview-api-operations")]
    public async Task What_a_review_says_is_what_happens()
    {
        const string account = "system:serviceaccount:default:one";
        await _server.SendAsync(
            HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
            """{"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","name":"one","namespace":"default"}]}""");

        foreach (var (verb, path, expected) in ((string, string, int)[])[("list", "configmaps", 200), ("list", "secrets", 403)])
        {
            var attributes = $$"""{"namespace":"default","verb":"{{verb}}","resource":"{{path}}"}""";
            foreach (var (place, kind) in ((string, string)[])[("subjectaccessreviews", "SubjectAccessReview"), ("namespaces/default/localsubjectaccessreviews", "LocalSubjectAccessReview")])
            {
                var (code, review) = await _server.SendAsync(
                    HttpMethod.Post, $"/apis/authorization.k8s.io/v1/{place}",
                    $$$"""{"apiVersion":"authorization.k8s.io/v1","kind":"{{{kind}}}","metadata":{"namespace":"{{{(kind[0] == 'L' ? "default" : "")}}}"},"spec":{"user":"{{{account}}}","resourceAttributes":{{{attributes}}} } }""");
                Assert.True(code == 201, review?.ToJsonString());
                Assert.Equal(expected == 200, (bool)review!["status"]!["allowed"]!);
            }
            await using var own = _server.Host.ConnectAs(UserInfo.ServiceAccount("default", "one"));
            Assert.Equal(expected, (await own.SendAsync(new ApiCall(HttpMethod.Get, $"/api/v1/namespaces/default/{path}"), TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    [Fact]
    [Trait("Conformance", "certificatesigningrequest-api")]
    public async Task A_request_for_a_certificate_is_made_approved_signed_and_deleted()
    {
        const string requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var pem = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=me", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var request = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "one", ["labels"] = new JsonObject { ["made"] = "here" } },
            ["spec"] = new JsonObject
            {
                ["request"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem + "\n")),
                ["signerName"] = "example.com/signer",
                ["usages"] = new JsonArray("digital signature", "key encipherment", "server auth"),
                ["expirationSeconds"] = 3600,
            },
        };

        var (made, created) = await _server.SendAsync(HttpMethod.Post, requests, request.ToJsonString());
        Assert.True(made == 201, created?.ToJsonString());
        Assert.Equal("admin", (string)created!["spec"]!["username"]!);
        var (patched, _) = await _server.SendAsync(HttpMethod.Patch, $"{requests}/one", """{"metadata":{"annotations":{"patched":"true"}}}""", "application/merge-patch+json");
        var (_, found) = await _server.SendAsync(HttpMethod.Get, $"{requests}/one");
        found!["status"] = JsonNode.Parse("""{"conditions":[{"type":"Approved","status":"True","reason":"Test","message":"by a test"}]}""");
        var (approved, after) = await _server.SendAsync(HttpMethod.Put, $"{requests}/one/approval", found.ToJsonString());
        Assert.Equal((200, 200), (patched, approved));
        Assert.Equal("Approved", (string)after!["status"]!["conditions"]![0]!["type"]!);

        using var own = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=me", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddHours(1));
        var certificate = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(own.ExportCertificatePem() + "\n"));
        var (signed, last) = await _server.SendAsync(HttpMethod.Patch, $"{requests}/one/status", $$"""{"status":{"certificate":"{{certificate}}"} }""", "application/merge-patch+json");
        Assert.True(signed == 200, last?.ToJsonString());
        Assert.Equal(certificate, (string)last!["status"]!["certificate"]!);
        Assert.Equal("Approved", (string)last["status"]!["conditions"]![0]!["type"]!);

        Assert.Single((await _server.SendAsync(HttpMethod.Get, $"{requests}?labelSelector=made%3Dhere")).Body!["items"]!.AsArray());
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, $"{requests}?labelSelector=made%3Dhere")).Code);
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Get, $"{requests}/one")).Code);
    }

    [Fact]
    [Trait("Conformance", "scheduler-verify-priorityclass-endpoints")]
    public async Task Of_a_priority_class_only_what_may_change_is_changed()
    {
        const string classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        var (made, item) = await _server.SendAsync(HttpMethod.Post, classes, """{"metadata":{"name":"one","labels":{"made":"here"}},"value":1}""");
        Assert.Equal(201, made);

        var (fixedValue, status) = await _server.SendAsync(HttpMethod.Patch, $"{classes}/one", """{"value":2}""", "application/merge-patch+json");
        var (described, _) = await _server.SendAsync(HttpMethod.Patch, $"{classes}/one", """{"description":"new"}""", "application/merge-patch+json");
        item!["description"] = "newer";
        item["metadata"]!.AsObject().Remove("resourceVersion");
        var (replaced, last) = await _server.SendAsync(HttpMethod.Put, $"{classes}/one", item.ToJsonString());

        Assert.Equal((422, 200, 200), (fixedValue, described, replaced));
        Assert.Contains("may not be changed in an update", (string)status!["message"]!, StringComparison.Ordinal);
        Assert.Equal((1, "newer"), ((int)last!["value"]!, (string)last["description"]!));
        Assert.Single((await _server.SendAsync(HttpMethod.Get, $"{classes}?labelSelector=made%3Dhere")).Body!["items"]!.AsArray());
    }
}
