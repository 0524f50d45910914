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
}
