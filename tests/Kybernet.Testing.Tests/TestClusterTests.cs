using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Kybernet.Testing.Tests;

public sealed class TestClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_takes_and_refuses_objects_as_a_real_one_does()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var made = await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("settings", "1"), "default", cancellationToken: Token);
        Assert.NotNull(made.Metadata.Uid);
        Assert.Equal("1", (await cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("settings", "default", cancellationToken: Token)).Data["value"]);

        var refused = await Assert.ThrowsAsync<HttpOperationException>(() =>
            cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("Not A Name", "1"), "default", cancellationToken: Token));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Response.StatusCode);
        Assert.Contains("RFC 1123", refused.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_else_may_do_what_RBAC_lets_them()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        await cluster.ApplyYamlAsync(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader}
            rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: readers}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
            subjects: [{kind: Group, name: readers, apiGroup: rbac.authorization.k8s.io}, {kind: ServiceAccount, name: operator, namespace: default}]
            """,
            cancellationToken: Token);

        foreach (var client in new[] { cluster.ClientAs("jane", "readers"), cluster.ClientAs("system:serviceaccount:default:operator") })
        {
            await client.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: Token);
            var refused = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ListNamespacedSecretAsync("default", cancellationToken: Token));
            Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);
        }
        using var own = new Kubernetes(cluster.Configuration("jane"));
        await Assert.ThrowsAsync<HttpOperationException>(() => own.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: Token));
        Assert.Equal("jane", (await own.AuthenticationV1.CreateSelfSubjectReviewAsync(new V1SelfSubjectReview(), cancellationToken: Token)).Status.UserInfo.Username);
    }

    [Fact]
    public async Task What_an_object_owns_goes_with_it()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var owner = await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("owner", ""), "default", cancellationToken: Token);
        var owned = Objects.ConfigMap("owned", "");
        owned.AddOwnerReference(new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "owner", Uid = owner.Uid() });
        await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(owned, "default", cancellationToken: Token);

        await cluster.Client.CoreV1.DeleteNamespacedConfigMapAsync("owner", "default", cancellationToken: Token);

        await cluster.WaitForDeletionAsync<V1ConfigMap>("default", "owned", cancellationToken: Token);
    }

    [Fact]
    public async Task A_namespace_goes_with_all_that_is_in_it()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        string name;
        await using (var space = await cluster.NewNamespaceAsync(cancellationToken: Token))
        {
            name = space;
            await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("inside", ""), space, cancellationToken: Token);
        }

        Assert.DoesNotContain(await NamesAsync(cluster), existing => existing == name);
        Assert.Empty((await cluster.Client.CoreV1.ListNamespacedConfigMapAsync(name, cancellationToken: Token)).Items);
    }

    [Fact]
    public async Task Watches_are_open_until_the_cluster_ends()
    {
        var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var events = new List<string>();
        var first = new TaskCompletionSource();
        var watching = Task.Run(
            async () =>
            {
                await foreach (var (type, item) in cluster.Client.CoreV1.WatchListNamespacedConfigMapAsync("default", cancellationToken: Token))
                {
                    events.Add($"{type} {item.Name()}");
                    first.TrySetResult();
                }
            },
            Token);
        await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("seen", ""), "default", cancellationToken: Token);
        await first.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        await cluster.DisposeAsync();

        await watching.WaitAsync(TimeSpan.FromMinutes(1), Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(watching.IsCompleted);
        Assert.Contains("Added seen", events);
    }

    [Fact]
    public async Task A_cluster_that_was_disposed_of_says_so()
    {
        var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        await cluster.DisposeAsync();
        await cluster.DisposeAsync(); // twice is once

        Assert.Contains("fixture", Assert.Throws<ObjectDisposedException>(() => cluster.ClientAs("jane")).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cluster.NewNamespaceAsync(cancellationToken: Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cluster.KubeconfigAsync(Token));
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Client.CoreV1.ListNamespaceAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task A_kubeconfig_leads_in_over_a_real_port_and_goes_with_the_cluster()
    {
        string file;
        await using (var cluster = await TestCluster.StartAsync(cancellationToken: Token))
        {
            file = await cluster.KubeconfigFileAsync(Token);
            using var outside = new Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(new FileInfo(file)));
            Assert.Contains("default", (await outside.CoreV1.ListNamespaceAsync(cancellationToken: Token)).Items.Select(static item => item.Name()));
            Assert.Equal(await cluster.KubeconfigAsync(Token), await File.ReadAllTextAsync(file, Token));
        }
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Two_clusters_know_nothing_of_each_other()
    {
        await using var one = await TestCluster.StartAsync(cancellationToken: Token);
        await using var other = await TestCluster.StartAsync(cancellationToken: Token);
        await one.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("mine", ""), "default", cancellationToken: Token);

        Assert.DoesNotContain((await other.Client.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: Token)).Items, static item => item.Name() == "mine");
    }

    private static async Task<IEnumerable<string>> NamesAsync(TestCluster cluster) =>
        (await cluster.Client.CoreV1.ListNamespaceAsync(cancellationToken: Token)).Items.Select(static item => item.Name());
}
