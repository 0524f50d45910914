using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Events;

/// <summary>The two forms of events: one object, two sets of names for its fields.</summary>
internal static class EventForms
{
    /// <summary>Reads an event of either form as the core group's.</summary>
    public static Event Read(EncodedObject item) => ObjectForms.IsOf(item, "events.k8s.io/v1"u8)
        ? FromNew(item.As<Kybernet.Api.Events.V1.Event>())
        : item.As<Event>();

    private static Event FromNew(Kybernet.Api.Events.V1.Event occurrence) => new()
    {
        Metadata = occurrence.Metadata,
        InvolvedObject = occurrence.Regarding ?? ObjectReference.Empty,
        Related = occurrence.Related,
        Reason = occurrence.Reason,
        Message = occurrence.Note,
        Type = occurrence.Type,
        Action = occurrence.Action,
        EventTime = occurrence.EventTime == default ? null : occurrence.EventTime,
        ReportingComponent = occurrence.ReportingController,
        ReportingInstance = occurrence.ReportingInstance,
        Count = occurrence.DeprecatedCount,
        FirstTimestamp = occurrence.DeprecatedFirstTimestamp,
        LastTimestamp = occurrence.DeprecatedLastTimestamp,
        Source = occurrence.DeprecatedSource,
        Series = occurrence.Series is { } series ? new EventSeries { Count = series.Count, LastObservedTime = series.LastObservedTime } : null,
    };
}
