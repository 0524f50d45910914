using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints;

/// <summary>
/// Mirrors Endpoints that somebody keeps by hand, for a Service without a selector, into EndpointSlices: proxies and DNS read nothing else.
/// </summary>
internal sealed class EndpointSliceMirroringReconciler(
    ILister<Service> services,
    ILister<Api.Core.V1.Endpoints> endpoints,
    ILister<EndpointSlice> slices,
    EndpointSliceWriter writer,
    Expectations expectations,
    IEventRecorder events) : IReconciler
{
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
    private const string ServiceIndex = "mirrored-service";

    public static void AddIndex(IInformer<EndpointSlice> slices) =>
        slices.AddIndex(ServiceIndex, static slice => SliceLabels.ServiceOf(slice, SliceLabels.MirroringController) is { } key ? [key.ToString()] : []);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (!expectations.Satisfied(key))
        {
            return Requeue.OnChange; // a slice that was just made is not in the cache yet: its coming wakes us
        }
        var known = slices.ByIndex(ServiceIndex, key.ToString()).Where(static slice => slice.Metadata.DeletionTimestamp is null).ToList();
        var isMirrored = services.Get(key) is { Spec.Selector.Count: 0 } && endpoints.Get(key) is { } candidate && IsMirrored(candidate);
        var wanted = isMirrored ? Mirror(endpoints.Get(key)!, known) : [];
        await writer.WriteAsync(key, known, wanted, cancellationToken);
        return Requeue.OnChange;
    }

    private static bool IsMirrored(Api.Core.V1.Endpoints original) =>
        original.Metadata.DeletionTimestamp is null
        && original.Metadata.Labels.GetValueOrDefault(SkipLabel) != "true"
        && !original.Metadata.Annotations.ContainsKey(LeaderAnnotation);

    private List<EndpointSlice> Mirror(Api.Core.V1.Endpoints original, List<EndpointSlice> known)
    {
        var mirror = EndpointsMirror.Of(original);
        if (mirror.Invalid > 0)
        {
            events.Record(original, EventType.Warning, "InvalidIPAddress", $"Skipped {mirror.Invalid} invalid IP addresses when mirroring to EndpointSlices");
        }
        if (mirror.Surplus > 0)
        {
            events.Record(
                original,
                EventType.Warning,
                "TooManyAddressesToMirror",
                $"A max of {EndpointsMirror.MaxAddresses} addresses can be mirrored to EndpointSlices per Endpoints subset. {mirror.Surplus} addresses were skipped");
        }
        var left = known.ToList();
        var wanted = new List<EndpointSlice>();
        foreach (var slice in mirror.Slices)
        {
            var index = left.FindIndex(
                candidate => candidate.AddressType == slice.AddressType && SliceLabels.Signature(candidate.Ports) == SliceLabels.Signature(slice.Ports));
            if (index < 0)
            {
                wanted.Add(slice);
                continue;
            }
            wanted.Add(EndpointsMirror.Onto(left[index], slice));
            left.RemoveAt(index);
        }
        return wanted;
    }
}
