using Kybernet.Kubelet.Devices.V1Beta1;

namespace Kybernet.Kubelet.Devices;

/// <summary>The devices of one resource. Replaced whole where something changes.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Plugin">Whoever serves them; null where nobody does now.</param>
/// <param name="Devices">The devices by their ids.</param>
internal sealed record DevicePool(string Resource, DevicePluginSession? Plugin, IReadOnlyDictionary<string, Device> Devices)
{
    private const string HealthyWord = "Healthy";

    /// <summary>Since when nobody serves them.</summary>
    public DateTimeOffset AbandonedAt { get; init; }

    /// <summary>Those that can be given away.</summary>
    public IEnumerable<string> Healthy => Plugin is null ? [] : Devices.Values.Where(static device => device.Health == HealthyWord).Select(static device => device.ID);
}
