using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What ResourceQuotas count and turn away.</summary>
public sealed class ResourceQuotaTests : OnServerTest
{
    [Fact]
    [Trait("Conformance", "resourcequota-object-count-quota-resourcequotas")]
    public async Task A_new_quota_soon_reports_its_limits_and_what_is_used()
    {
        await CreateAsync(("pods", "5"), ("resourcequotas", "2"));
        await UsedAsync(("pods", "0"), ("resourcequotas", "1"));
        Assert.Equal("5", Quota.Status.Hard["pods"].ToString());
    }

    [Fact]
    [Trait("Conformance", "resourcequota-object-count-quota-configmap")]
    [Trait("Conformance", "resourcequota-object-count-quota-secret")]
    [Trait("Conformance", "resourcequota-object-count-quota-service")]
    [Trait("Conformance", "resourcequota-object-count-quota-replicaset")]
    [Trait("Conformance", "resourcequota-object-count-quota-replicationcontroller")]
    public async Task Objects_are_counted_while_they_are_there()
    {
        await CreateAsync(
            ("configmaps", "9"), ("secrets", "9"), ("services", "9"), ("services.nodeports", "1"), ("count/replicasets.apps", "9"), ("replicationcontrollers", "9"));
        await UsedAsync(("configmaps", "0"));
        await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = "a", Name = "one" } }, Cancellation);
        await Client.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "a", Name = "one" } }, Cancellation);
        await Client.CreateAsync(ServiceOf("one"), Cancellation);
        await Client.CreateAsync(ReplicaSet("one", 0), Cancellation);
        await Client.CreateAsync(
            new ReplicationController { Metadata = new ObjectMeta { Namespace = "a", Name = "one" }, Spec = new ReplicationControllerSpec { Replicas = 0, Template = Template("one", "good") } },
            Cancellation);
        await UsedAsync(
            ("configmaps", "1"), ("secrets", "1"), ("services", "1"), ("services.nodeports", "1"), ("count/replicasets.apps", "1"), ("replicationcontrollers", "1"));
        var refusal = await Assert.ThrowsAsync<ApiException>(() => Client.CreateAsync(ServiceOf("two"), Cancellation));
        Assert.Equal(
            (403, "services \"two\" is forbidden: exceeded quota: quota, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1"),
            (refusal.Code, refusal.Message));
        await Client.DeleteAsync<ConfigMap>("a", "one", DeleteOptions.Empty, Cancellation);
        await Client.DeleteAsync<Secret>("a", "one", DeleteOptions.Empty, Cancellation);
        await Client.DeleteAsync<Service>("a", "one", DeleteOptions.Empty, Cancellation);
        await Client.DeleteAsync<ReplicaSet>("a", "one", DeleteOptions.Empty, Cancellation);
        await Client.DeleteAsync<ReplicationController>("a", "one", DeleteOptions.Empty, Cancellation);
        await UsedAsync(
            ("configmaps", "0"), ("secrets", "0"), ("services", "0"), ("services.nodeports", "0"), ("count/replicasets.apps", "0"), ("replicationcontrollers", "0"));
    }

    [Fact]
    [Trait("Conformance", "resourcequota-object-count-quota-pod")]
    public async Task What_pods_request_is_counted_and_more_is_turned_away()
    {
        await CreateAsync(("pods", "5"), ("requests.cpu", "1"), ("memory", "500Mi"));
        await UsedAsync(("pods", "0"));
        await Client.CreateAsync(PodOf("one", ("cpu", "500m"), ("memory", "252Mi")), Cancellation);
        await UsedAsync(("pods", "1"), ("requests.cpu", "500m"), ("memory", "252Mi"));
        var tooMuch = await Assert.ThrowsAsync<ApiException>(() => Client.CreateAsync(PodOf("two", ("cpu", "600m"), ("memory", "100Mi")), Cancellation));
        Assert.Equal(
            "pods \"two\" is forbidden: exceeded quota: quota, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1", tooMuch.Message);
        var unsaid = await Assert.ThrowsAsync<ApiException>(() => Client.CreateAsync(PodOf("three", ("cpu", "1m")), Cancellation));
        Assert.Equal("pods \"three\" is forbidden: failed quota: quota: must specify memory", unsaid.Message);
        await Client.DeleteAsync<Pod>("a", "one", DeleteOptions.Empty, Cancellation);
        await UsedAsync(("pods", "0"), ("requests.cpu", "0"), ("memory", "0"));
    }

    [Fact]
    [Trait("Conformance", "resourcequota-quota-scope-besteffort-and-notbesteffort-scope")]
    public async Task Quotas_of_a_quality_class_count_only_pods_of_it()
    {
        await CreateAsync("best", "BestEffort");
        await CreateAsync("other", "NotBestEffort");
        await Client.CreateAsync(PodOf("one"), Cancellation);
        await Eventually.TrueAsync(() => Used("best") == "1" && Used("other") == "0", "the first is counted");
        await Client.CreateAsync(PodOf("two", ("cpu", "1m")), Cancellation);
        await Eventually.TrueAsync(() => Used("best") == "1" && Used("other") == "1", "the second is counted");
    }

    [Fact]
    [Trait("Conformance", "resourcequota-quota-scope-terminating-and-notterminating-scope")]
    public async Task Quotas_of_pods_with_a_deadline_count_only_those()
    {
        await CreateAsync("with", "Terminating");
        await CreateAsync("without", "NotTerminating");
        var pod = PodOf("one");
        await Client.CreateAsync(pod with { Spec = pod.Spec with { ActiveDeadlineSeconds = 3600 } }, Cancellation);
        await Eventually.TrueAsync(() => Used("with") == "1" && Used("without") == "0", "the first is counted");
        await Client.CreateAsync(PodOf("two"), Cancellation);
        await Eventually.TrueAsync(() => Used("with") == "1" && Used("without") == "1", "the second is counted");
    }

    [Fact]
    public async Task A_service_that_takes_node_ports_later_is_held_to_the_quota_then()
    {
        await CreateAsync(("services", "2"), ("services.nodeports", "1"));
        await UsedAsync(("services", "0"));
        var inside = ServiceOf("inside");
        await Client.CreateAsync(inside with { Spec = inside.Spec with { Type = "ClusterIP" } }, Cancellation);
        await Client.CreateAsync(ServiceOf("outside"), Cancellation);
        await UsedAsync(("services", "2"), ("services.nodeports", "1"));
        var refusal = await Assert.ThrowsAsync<ApiException>(() => ChangeAsync<Service>("a", "inside", static service => service with { Spec = service.Spec with { Type = "NodePort" } }));
        Assert.Contains("exceeded quota: quota, requested: services.nodeports=1", refusal.Message, StringComparison.Ordinal);
        await ChangeAsync<Service>(
            "a", "outside", static service => service with { Spec = service.Spec with { Type = "ClusterIP", Ports = [service.Spec.Ports[0] with { NodePort = null }] } });
        await UsedAsync(("services", "2"), ("services.nodeports", "0"));
        await ChangeAsync<Service>("a", "inside", static service => service with { Spec = service.Spec with { Type = "NodePort" } });
        await UsedAsync(("services", "2"), ("services.nodeports", "1"));
    }

    [Fact]
    [Trait("Conformance", "resourcequota-update-and-delete")]
    [Trait("Conformance", "resourcequota-apply-changes-to-a-resourcequota-status")]
    public async Task A_changed_limit_counts_at_once_and_a_changed_status_is_put_right()
    {
        await CreateAsync(("pods", "1"));
        await UsedAsync(("pods", "0"));
        await ChangeAsync<ResourceQuota>("a", "quota", static quota => quota with { Spec = quota.Spec with { Hard = Limits(("pods", "2"), ("configmaps", "9")) } });
        await UsedAsync(("pods", "0"), ("configmaps", "0"));
        await Eventually.TrueAsync(() => Quota.Status.Hard.TryGetValue("pods", out var hard) && hard.ToString() == "2", "the limit is in the status");
        await Client.UpdateStatusAsync(Quota with { Status = new ResourceQuotaStatus { Hard = Limits(("pods", "7")), Used = Limits(("pods", "2")) } }, Cancellation);
        await Assert.ThrowsAsync<ApiException>(() => Client.CreateAsync(PodOf("one"), Cancellation));
        await ChangeAsync<ResourceQuota>("a", "quota", static quota => quota with { Spec = quota.Spec with { Hard = Limits(("pods", "3")) } });
        await UsedAsync(("pods", "0"));
        await Client.DeleteAsync<ResourceQuota>("a", "quota", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<ResourceQuota>("a", "quota") is null, "it is gone");
        await Client.CreateAsync(PodOf("one"), Cancellation);
    }

    [Fact]
    public async Task Of_many_writes_at_once_no_more_than_fit_are_let_in()
    {
        await CreateAsync(("pods", "3"));
        await UsedAsync(("pods", "0"));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async number =>
        {
            try
            {
                await Client.CreateAsync(PodOf($"pod-{number}"), Cancellation);
                return true;
            }
            catch (ApiException exception) when (exception.Code == 403)
            {
                return false;
            }
        }));
        Assert.Equal(3, outcomes.Count(static isLetIn => isLetIn));
    }

    [Fact]
    [Trait("Conformance", "replication-controller-check-for-issues-like-exceeding-allocated-quota")]
    public async Task A_controller_that_a_quota_stops_says_so_until_it_fits()
    {
        await CreateAsync(("pods", "2"));
        await UsedAsync(("pods", "0"));
        await Client.CreateAsync(
            new ReplicationController { Metadata = new ObjectMeta { Namespace = "a", Name = "web" }, Spec = new ReplicationControllerSpec { Replicas = 3, Template = Template("web", "good") } },
            Cancellation);
        await Eventually.TrueAsync(() => Find<ReplicationController>("a", "web")!.Status.Conditions.Any(static known => known is { Type: "ReplicaFailure", Reason: "FailedCreate" }), "the condition");
        await ChangeAsync<ReplicationController>("a", "web", static controller => controller with { Spec = controller.Spec with { Replicas = 2 } });
        await Eventually.TrueAsync(() => Find<ReplicationController>("a", "web")!.Status is { Conditions.Count: 0, Replicas: 2 }, "it fits");
    }

    private ResourceQuota Quota => Find<ResourceQuota>("a", "quota")!;

    private static Service ServiceOf(string name) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new ServiceSpec { Type = "NodePort", Ports = [new ServicePort { Port = 80 }] },
    };

    private static Pod PodOf(string name, params (string Name, string Quantity)[] requests)
    {
        var spec = Template(name, "good").Spec;
        var resources = new ResourceRequirements { Requests = Limits(requests) };
        return new Pod { Metadata = new ObjectMeta { Namespace = "a", Name = name }, Spec = spec with { Containers = [spec.Containers[0] with { Resources = resources }] } };
    }

    private Task CreateAsync(params (string Name, string Quantity)[] hard) => Client.CreateAsync(
        new ResourceQuota
        {
            Metadata = new ObjectMeta { Namespace = "a", Name = "quota" },
            Spec = new ResourceQuotaSpec { Hard = Limits(hard) },
        },
        Cancellation);

    private static Dictionary<string, Quantity> Limits(params (string Name, string Quantity)[] limits) =>
        limits.ToDictionary(static limit => limit.Name, static limit => Quantity.Parse(limit.Quantity));

    private async Task CreateAsync(string name, string scope)
    {
        await Client.CreateAsync(
            new ResourceQuota
            {
                Metadata = new ObjectMeta { Namespace = "a", Name = name },
                Spec = new ResourceQuotaSpec { Scopes = [scope], Hard = new Dictionary<string, Quantity> { ["pods"] = Quantity.Parse("5") } },
            },
            Cancellation);
        await Eventually.TrueAsync(() => Used(name) == "0", "it is counted");
    }

    private string? Used(string quota) =>
        Find<ResourceQuota>("a", quota)!.Status.Used.TryGetValue("pods", out var used) ? used.ToString() : null;

    private Task UsedAsync(params (string Name, string Quantity)[] expected) => Eventually.TrueAsync(
        () => expected.All(limit => Quota.Status.Used.TryGetValue(limit.Name, out var used) && used.CompareTo(Quantity.Parse(limit.Quantity)) == 0),
        string.Join(", ", expected.Select(static limit => $"{limit.Name}={limit.Quantity}")));
}
