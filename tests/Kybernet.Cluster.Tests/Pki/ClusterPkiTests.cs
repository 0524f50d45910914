using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Certificates;
using Kybernet.Cluster.Pki;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Cluster.Tests.Pki;

public sealed class ClusterPkiTests : IDisposable
{
    private static readonly PkiSubjects Subjects = new("node-1", [IPAddress.Parse("192.0.2.7")], IPAddress.Parse("10.96.0.1"));

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-05-01T00:00:00Z", null));

    public void Dispose() => _folder.Dispose();

    private ClusterPki Load(PkiSubjects subjects) => ClusterPki.LoadOrCreate(_folder.Path, subjects, _time);

    [Fact]
    public void A_second_start_finds_every_key_and_certificate_of_the_first()
    {
        var first = Load(Subjects);

        Assert.Equal(first, Load(Subjects));
    }

    [Fact]
    public void Every_leaf_is_trusted_through_its_authority()
    {
        var pki = Load(Subjects);

        foreach (var leaf in (PemPair[])[pki.ApiServer, pki.KubeletServing, pki.KubeletClient, pki.Administrator, pki.Scheduler, pki.ControllerManager])
        {
            Assert.True(IsTrusted(leaf, pki.ClusterAuthority));
        }
        Assert.True(IsTrusted(pki.FrontProxyClient, pki.FrontProxyAuthority));
        Assert.False(IsTrusted(pki.FrontProxyClient, pki.ClusterAuthority));
    }

    [Fact]
    public void The_api_server_is_known_by_its_service_names_and_the_machines_addresses()
    {
        using var certificate = Load(Subjects).ApiServer.Load();

        foreach (var name in (string[])["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", "node-1", "127.0.0.1", "::1", "10.96.0.1", "192.0.2.7"])
        {
            Assert.True(certificate.MatchesHostname(name), name);
        }
        Assert.False(certificate.MatchesHostname("elsewhere"));
    }

    [Fact]
    public void A_client_certificate_carries_the_user_as_common_name_and_the_groups_as_organizations()
    {
        var pki = Load(Subjects);
        using var administrator = pki.Administrator.Load();
        using var kubelet = pki.KubeletClient.Load();

        Assert.Equal("O=system:masters, CN=kubernetes-admin", administrator.Subject);
        Assert.Equal("O=system:nodes, CN=system:node:node-1", kubelet.Subject);
    }

    [Fact]
    public void A_certificate_about_to_expire_is_renewed_and_its_authority_is_not()
    {
        var first = Load(Subjects);

        _time.Advance(TimeSpan.FromDays(340));
        var later = Load(Subjects);

        Assert.Equal(first.ClusterAuthority, later.ClusterAuthority);
        Assert.NotEqual(first.ApiServer, later.ApiServer);
        using var renewed = later.ApiServer.Load();
        Assert.True(renewed.NotAfter.ToUniversalTime() > _time.GetUtcNow() + TimeSpan.FromDays(300));
    }

    [Fact]
    public void A_new_address_renews_only_what_names_it()
    {
        var first = Load(Subjects);

        var later = Load(Subjects with { HostAddresses = [IPAddress.Parse("192.0.2.8")] });

        Assert.NotEqual(first.ApiServer, later.ApiServer);
        Assert.NotEqual(first.KubeletServing, later.KubeletServing);
        Assert.Equal(first.Administrator, later.Administrator);
        Assert.Equal(first.ServiceAccountKey, later.ServiceAccountKey);
    }

    [Fact]
    public void A_torn_file_is_made_again_with_all_that_depends_on_it()
    {
        var first = Load(Subjects);
        File.WriteAllText(_folder.In("ca.crt"), first.ClusterAuthority.Certificate[..100]);

        var later = Load(Subjects);

        Assert.NotEqual(first.ClusterAuthority, later.ClusterAuthority);
        Assert.True(IsTrusted(later.Administrator, later.ClusterAuthority));
    }

    [Fact]
    public void Keys_are_readable_by_their_owner_only()
    {
        Load(Subjects);

        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void A_kubeconfig_holds_everything_a_client_needs_and_keeps_its_age_when_nothing_changes()
    {
        var pki = Load(Subjects);
        var path = _folder.In("admin.kubeconfig");
        void Write() => Kubeconfig.Write(path, "https://127.0.0.1:6443", pki.ClusterAuthority.Certificate, "kubernetes-admin", pki.Administrator);
        Write();
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        Write();

        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var text = File.ReadAllText(path);
        Assert.Contains("server: https://127.0.0.1:6443", text, StringComparison.Ordinal);
        Assert.Contains("client-key-data: " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pki.Administrator.PrivateKey)), text, StringComparison.Ordinal);
    }

    private bool IsTrusted(PemPair leaf, PemPair authority)
    {
        using var certificate = leaf.Load();
        using var root = X509Certificate2.CreateFromPem(authority.Certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }
}
