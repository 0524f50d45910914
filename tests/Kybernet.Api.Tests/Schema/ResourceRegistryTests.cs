using Kybernet.Api.Schema;

namespace Kybernet.Api.Tests.Schema;

public sealed class ResourceRegistryTests
{
    private static readonly ResourceRegistry Registry = ResourceRegistry.Default;

    [Fact]
    public void A_resource_has_its_names_verbs_and_subresources()
    {
        var pods = Registry.Find(new GroupVersionResource("", "v1", "pods"))!;
        Assert.Equal("pod", pods.Singular);
        Assert.Equal(["po"], pods.ShortNames);
        Assert.Equal(["all"], pods.Categories);
        Assert.True(pods.Namespaced);
        Assert.Contains("deletecollection", pods.Verbs);
        Assert.Equal("Eviction", pods.Subresource("eviction")!.Kind.Kind);
        Assert.Equal(["GET", "POST"], pods.Subresource("exec")!.ConnectMethods);
        Assert.Same(pods, Registry.Find(new GroupVersionKind("", "v1", "Pod")));
        Assert.Equal("status", Registry.Find(new GroupVersionResource("", "v1", "pods/status"))!.SubresourceName);
    }

    [Fact]
    public void Alphas_and_betas_are_not_served_unless_asked_for()
    {
        Assert.Null(Registry.Find(new GroupVersionResource("resource.k8s.io", "v1beta1", "resourceclaims")));
        Assert.NotNull(new ResourceRegistry(_ => true).Find(new GroupVersionResource("resource.k8s.io", "v1beta1", "resourceclaims")));
    }

    [Fact]
    public void Groups_come_in_upstreams_order_with_the_highest_version_preferred()
    {
        Assert.Equal(["", "apiregistration.k8s.io", "apps", "events.k8s.io"], Registry.Groups.Take(4).Select(group => group.Name));
        Assert.Equal(["v2", "v1"], Registry.Groups.Single(group => group.Name == "autoscaling").Versions);
    }

    [Fact]
    public void Short_names_are_unique_within_what_is_served()
    {
        // Events are in two groups and HPAs in two versions; nothing else may share a short name.
        var shared = Registry.Resources.SelectMany(info => info.ShortNames.Select(name => (name, info.Singular))).Distinct()
            .GroupBy(pair => pair.name).Where(group => group.Count() > 1).Select(group => group.Key);
        Assert.Empty(shared);
    }

    [Fact]
    public void Versions_are_ordered_by_their_stage_and_number()
    {
        string[] ordered = ["foo10", "foo1", "v3alpha1", "v12alpha1", "v3beta1", "v11beta2", "v1", "v2", "v10"];
        Assert.Equal(["v10", "v2", "v1", "v11beta2", "v3beta1", "v12alpha1", "v3alpha1", "foo1", "foo10"], ordered.OrderDescending(VersionComparer.Instance));
    }
}
