using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.ApiServer.Audit.Events;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Admission;

/// <summary>What is about to be done to an object.</summary>
public enum AdmissionOperation
{
    /// <summary>It is made.</summary>
    Create,

    /// <summary>It, or a subresource of it, is changed.</summary>
    Update,

    /// <summary>It is deleted.</summary>
    Delete,

    /// <summary>Somebody connects to it: exec, attach, port-forward, proxy.</summary>
    Connect,
}

/// <summary>A write on its way in.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Resource">To what resource.</param>
/// <param name="Kind">Of what kind the object is.</param>
/// <param name="Subresource">To what part of it; empty for the whole.</param>
/// <param name="Namespace">Empty for cluster-scoped objects.</param>
/// <param name="Name">Empty where the server is to make it up.</param>
/// <param name="User">Who asks.</param>
public sealed record AdmissionRequest(
    AdmissionOperation Operation,
    GroupVersionResource Resource,
    GroupVersionKind Kind,
    string Subresource,
    string Namespace,
    string Name,
    UserInfo User)
{
    /// <summary>The object as it would be; a mutating plugin changes it in place. Null for a deletion.</summary>
    public JsonObject? Object { get; init; }

    /// <summary>The object as it is; null for a creation.</summary>
    public EncodedObject? Previous { get; init; }

    /// <summary>Whether a plugin changed the object: what it put in is then brought to its defaults. Set by whoever changes something.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Whether nothing will be stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>What the client shall be told though the request succeeds.</summary>
    public List<string> Warnings { get; init; } = [];

    /// <summary>What is to be done when it is certain what became of the write.</summary>
    public WriteFollowUps FollowUps { get; init; } = new();

    /// <summary>Where to note what an auditor shall see; null where nobody audits the request.</summary>
    public AuditAnnotations? AuditAnnotations { get; init; }
}

/// <summary>Lets a write in, changes it, or turns it away. Runs after authorisation, in the order of registration.</summary>
public interface IAdmissionPlugin
{
    /// <summary>Whether it has anything to say on such a request; asked before the request is built.</summary>
    bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource);

    /// <summary>Changes the object. All plugins change before any validates.</summary>
    /// <exception cref="ApiError">The write is turned away.</exception>
    ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken);

    /// <summary>Judges the object as it will be stored.</summary>
    /// <exception cref="ApiError">The write is turned away.</exception>
    ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken);
}
