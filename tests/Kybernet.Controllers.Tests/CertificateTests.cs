using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Certificates;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>How requests for certificates are approved and signed, and what machines join with, on the real API server.</summary>
public sealed class CertificateTests : ClusterTest
{
    private static readonly (string Certificate, string Key) Authority = CreateAuthority();
    private protected override ServerInProcess Server { get; } = new();

    private protected override ControllerOptions Options =>
        new() { ClusterSigningCertificate = Authority.Certificate, ClusterSigningKey = Authority.Key, ApproveKubeletServing = true };

    [Fact]
    public async Task A_kubelets_first_certificate_is_approved_and_signed_for_who_may_ask_for_it()
    {
        await Client.CreateAsync(
            new ClusterRoleBinding
            {
                Metadata = new ObjectMeta { Name = "bootstrap" },
                RoleRef = new RoleRef
                {
                    ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
                },
                Subjects = [new Subject { Kind = "Group", ApiGroup = "rbac.authorization.k8s.io", Name = "joining" }],
            },
            Cancellation);
        await Client.CreateAsync(
            new ClusterRoleBinding
            {
                Metadata = new ObjectMeta { Name = "ask" },
                RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "system:node-bootstrapper" },
                Subjects = [new Subject { Kind = "Group", ApiGroup = "rbac.authorization.k8s.io", Name = "joining" }],
            },
            Cancellation);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spec = Spec(
            "kubernetes.io/kube-apiserver-client-kubelet", new CertificateRequest("O=system:nodes, CN=system:node:one", key, HashAlgorithmName.SHA256), ["digital signature", "client auth"]);
        await RequestAsync(new ApiClient(Server.ConnectAs("system:bootstrap:abcdef", "joining")), "join", spec with { ExpirationSeconds = 3600 });

        await Eventually.TrueAsync(() => Find<CertificateSigningRequest>("", "join")?.Status.Certificate is { IsEmpty: false }, "the certificate");

        var request = Find<CertificateSigningRequest>("", "join")!;
        var approval = Assert.Single(request.Status.Conditions);
        Assert.Equal(("Approved", "AutoApproved", "Auto approving kubelet client certificate after SubjectAccessReview."), (approval.Type, approval.Reason, approval.Message));
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(request.Status.Certificate!.Value.Span));
        var subject = CertificateSubject.Of(certificate.SubjectName);
        Assert.Equal("system:node:one", subject.CommonName);
        Assert.Equal(["system:nodes"], subject.Organizations);
        Assert.Equal(TimeSpan.FromHours(1), certificate.NotAfter - certificate.NotBefore);
        using var chain = new X509Chain();
        using var authority = X509Certificate2.CreateFromPem(Authority.Certificate);
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate));
    }

    [Theory]
    [InlineData("kubernetes.io/kube-apiserver-client-kubelet", "system:node:one", "others", "client auth", "subject organization is not system:nodes")]
    [InlineData("kubernetes.io/kube-apiserver-client-kubelet", "one", "system:nodes", "client auth", "subject common name does not begin with system:node: prefix")]
    [InlineData("kubernetes.io/kubelet-serving", "system:node:one", "system:nodes", "server auth", "DNS or IP subjectAltName is required")]
    [InlineData("kubernetes.io/kube-apiserver-client", "jane", "people", "server auth", "invalid usage for client certificate: server auth")]
    public async Task A_signer_refuses_what_it_does_not_sign_even_when_it_is_approved(string signer, string user, string group, string usage, string why)
    {
        await RequestAsync("odd", signer, user, group, ["digital signature", usage], null);
        await ApproveAsync("odd");
        await Eventually.TrueAsync(() => Find<CertificateSigningRequest>("", "odd")!.Status.Conditions.Any(static condition => condition.Type == "Failed"), "the refusal");
        var request = Find<CertificateSigningRequest>("", "odd")!;
        var failure = Assert.Single(request.Status.Conditions, static condition => condition.Type == "Failed");
        Assert.Equal(("SignerValidationFailure", why), (failure.Reason, failure.Message));
        Assert.True(request.Status.Certificate is null or { IsEmpty: true });
    }

    [Fact]
    public async Task A_request_that_a_person_approved_is_signed_and_one_that_nobody_did_waits()
    {
        await RequestAsync("approved", "kubernetes.io/kube-apiserver-client", "jane", "people", ["client auth"], null);
        await RequestAsync("waiting", "kubernetes.io/kube-apiserver-client", "joe", "people", ["client auth"], null);
        await ApproveAsync("approved");
        await Eventually.TrueAsync(() => Find<CertificateSigningRequest>("", "approved")!.Status.Certificate is { IsEmpty: false }, "the certificate");
        Assert.Empty(Find<CertificateSigningRequest>("", "waiting")!.Status.Conditions);
    }

    [Fact]
    public async Task A_kubelets_serving_certificate_is_approved_for_the_addresses_of_its_own_node_and_no_others()
    {
        await Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "one" } }, Cancellation);
        await Client.PatchAsync<Node>(
            "", "one", "status", Patch.Merge(new JsonObject
            {
                ["status"] = new JsonObject { ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "192.0.2.7" }) },
            }),
            Cancellation);
        var kubelet = new ApiClient(Server.ConnectAs("system:node:one", "system:nodes"));
        await RequestAsync(kubelet, "others", Serving("192.0.2.8"));
        await RequestAsync(kubelet, "own", Serving("192.0.2.7"));
        await Eventually.TrueAsync(() => Find<CertificateSigningRequest>("", "own")!.Status.Certificate is { IsEmpty: false }, "the certificate");
        Assert.Empty(Find<CertificateSigningRequest>("", "others")!.Status.Conditions);
    }

    [Fact]
    public async Task What_a_machine_reads_before_it_joins_is_signed_with_each_token_and_only_as_long_as_there_is_one()
    {
        var token = BootstrapToken.Create();
        await Client.CreateAsync(
            new ConfigMap { Metadata = new ObjectMeta { Namespace = "kube-public", Name = "cluster-info" }, Data = new Dictionary<string, string> { ["kubeconfig"] = "text" } },
            Cancellation);
        await Client.CreateAsync(token.ToSecret("", null), Cancellation);
        var field = "jws-kubeconfig-" + token.Id;
        await Eventually.TrueAsync(() => Find<ConfigMap>("kube-public", "cluster-info")!.Data.ContainsKey(field), "the signature");
        var signature = Find<ConfigMap>("kube-public", "cluster-info")!.Data[field];
        Assert.True(token.Verifies(signature, "text"));
        Assert.False(token.Verifies(signature, "another text"));
        Assert.False(new BootstrapToken(token.Id, "0123456789abcdef").Verifies(signature, "text"));

        await Client.DeleteAsync<Secret>("kube-system", token.SecretName, DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => !Find<ConfigMap>("kube-public", "cluster-info")!.Data.ContainsKey(field), "the signature is gone");
    }

    [Fact]
    public async Task A_token_whose_time_is_over_is_deleted()
    {
        var token = BootstrapToken.Create();
        await Client.CreateAsync(token.ToSecret("for a test", DateTimeOffset.UnixEpoch), Cancellation);
        await Eventually.TrueAsync(() => Find<Secret>("kube-system", token.SecretName) is null, "the token is gone");
    }

    private static (string Certificate, string Key) CreateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateSigningRequestSpec Serving(string address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=system:nodes, CN=system:node:one", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        return Spec("kubernetes.io/kubelet-serving", request, ["digital signature", "server auth"]);
    }

    private static CertificateSigningRequestSpec Spec(string signer, CertificateRequest request, IReadOnlyList<string> usages) =>
        new() { SignerName = signer, Request = Encoding.ASCII.GetBytes(request.CreateSigningRequestPem()), Usages = usages };

    private Task RequestAsync(string name, string signer, string user, string group, IReadOnlyList<string> usages, int? expirationSeconds)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spec = Spec(signer, new CertificateRequest($"O={group}, CN={user}", key, HashAlgorithmName.SHA256), usages);
        return RequestAsync(Client, name, spec with { ExpirationSeconds = expirationSeconds });
    }

    private Task RequestAsync(ApiClient client, string name, CertificateSigningRequestSpec spec) =>
        client.CreateAsync(new CertificateSigningRequest { Metadata = new ObjectMeta { Name = name }, Spec = spec }, Cancellation);

    private async Task ApproveAsync(string name)
    {
        var request = Find<CertificateSigningRequest>("", name)!;
        var approved = request with
        {
            Status = new CertificateSigningRequestStatus { Conditions = [new CertificateSigningRequestCondition { Type = "Approved", Status = "True", Reason = "ByTest" }] },
        };
        await Client.SendAsync<CertificateSigningRequest>(
            new ApiCall(HttpMethod.Put, ResourcePath.Of<CertificateSigningRequest>("", name, "approval")) { Body = ModelJson.ToUtf8(approved) }, Cancellation);
    }
}
