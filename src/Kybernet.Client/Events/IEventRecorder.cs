using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>Tells the user what happened to an object, as Events. Never fails and never waits: what cannot be written is logged and lost.</summary>
public interface IEventRecorder
{
    /// <summary>Records an event about what a reference names.</summary>
    /// <param name="involved">What it is about.</param>
    /// <param name="type">See <see cref="EventType"/>.</param>
    /// <param name="reason">In CamelCase, as in <c>SuccessfulCreate</c>.</param>
    /// <param name="message">For people.</param>
    void Record(ObjectReference involved, string type, string reason, string message);

    /// <summary>Records an event about an object.</summary>
    void Record(IKubernetesObject involved, string type, string reason, string message) => Record(ObjectReferences.To(involved), type, reason, message);
}

/// <summary>The types of events.</summary>
public static class EventType
{
    /// <summary>Something happened as it should.</summary>
    public const string Normal = "Normal";

    /// <summary>Something went wrong.</summary>
    public const string Warning = "Warning";
}
