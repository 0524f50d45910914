using Kybernet.Api.Json;
using Kybernet.Api.Resource.V1;

namespace Kybernet.ApiServer.Resources.Devices;

/// <summary>How the kinds of dynamic resource allocation are shown.</summary>
internal static class DeviceTables
{
    public static TableDefinition Classes { get; } = Plain<DeviceClass>();

    public static TableDefinition Claims { get; } = TableBuilder.For<ResourceClaim>()
        .Name()
        .Text("State", "Whether devices are allocated, and reserved for pods.", State)
        .Age()
        .Build();

    public static TableDefinition ClaimTemplates { get; } = Plain<ResourceClaimTemplate>();

    public static TableDefinition Slices { get; } = TableBuilder.For<ResourceSlice>()
        .Name()
        .Text("Node", "The node that the devices are on.", static item => item.Spec.NodeName ?? "")
        .Text("Driver", "The driver of the devices.", static item => item.Spec.Driver)
        .Text("Pool", "The pool that the devices belong to.", static item => item.Spec.Pool.Name)
        .Age()
        .Build();

    private static TableDefinition Plain<T>()
        where T : class, IKubernetesObject<T> => TableBuilder.For<T>().Name().Age().Build();

    private static string State(ResourceClaim claim)
    {
        var state = claim.Status.Allocation is null ? "pending" : claim.Status.ReservedFor.Count > 0 ? "allocated,reserved" : "allocated";
        return claim.Metadata.DeletionTimestamp is null ? state : state == "pending" ? "deleted" : "deleted," + state;
    }
}
