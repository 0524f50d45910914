using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Resources;

/// <summary>
/// What is particular to a kind. The generic code does everything else: decoding, pruning and static defaults by the schema, metadata (names, uid,
/// timestamps, generation, finalizers, owners), keeping <c>status</c> apart from the rest, preconditions and storage.
/// A strategy is shared by all requests and has no state of its own.
/// </summary>
/// <remarks>
/// A write goes: decode and prune → <see cref="Default"/> → <see cref="PrepareForCreate"/> or <see cref="PrepareForUpdate"/> → admission →
/// <see cref="Default"/> again where admission changed it → metadata validation → <see cref="ValidateCreate"/> or <see cref="ValidateUpdate"/> → store.
/// Trees may be changed in place; a node that is taken over from another tree is cloned first.
/// </remarks>
public abstract class ResourceStrategy
{
    /// <summary>Sets the defaults that depend on other fields. Runs on every write, and must change nothing when it runs twice.</summary>
    public virtual void Default(JsonObject item)
    {
    }

    /// <summary>Whether <see cref="Default"/> looks at metadata or sets it: false lets a change of metadata alone leave the rest undecoded.</summary>
    public virtual bool DefaultsUseMetadata => true;

    /// <summary>Clears or sets what a client may not decide when it makes an object. <c>status</c> is dropped already where the kind has that subresource.</summary>
    public virtual void PrepareForCreate(JsonObject item, WriteContext context)
    {
    }

    /// <summary>Restores what an update may not touch. <c>status</c> is restored already where the kind has that subresource.</summary>
    public virtual void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context)
    {
    }

    /// <summary>Restores what an update of <c>status</c> may not touch. Everything but <c>status</c> and metadata's bookkeeping is restored already.</summary>
    public virtual void PrepareForStatusUpdate(JsonObject item, JsonObject previous, WriteContext context)
    {
    }

    /// <summary>Restores what an update through a subresource other than <c>status</c> may not touch.</summary>
    public virtual void PrepareForSubresourceUpdate(string subresource, JsonObject item, JsonObject previous, WriteContext context)
    {
    }

    /// <summary>Says what is wrong with a new object. Metadata is validated already, names apart: see <see cref="ValidateName"/>.</summary>
    public virtual void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
    }

    /// <summary>Says what is wrong with a change.</summary>
    public virtual void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
    }

    /// <summary>Says what is wrong with a change of <c>status</c>.</summary>
    public virtual void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
    }

    /// <summary>Says what is wrong with a change through a subresource other than <c>status</c>.</summary>
    public virtual void ValidateSubresourceUpdate(string subresource, EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
    }

    /// <summary>What is wrong with a name, in upstream's words; null where it is right. DNS subdomains unless a kind says otherwise.</summary>
    public virtual string? ValidateName(string name) => null;

    /// <summary>What a client should be told though the write is accepted: deprecated fields and values, as <c>Warning</c> headers.</summary>
    public virtual IEnumerable<string> Warnings(EncodedObject item) => [];

    /// <summary>The columns of the kind's table, after upstream's printers; those of <see cref="DefaultTable"/> for kinds without their own.</summary>
    public virtual TableDefinition Table => DefaultTable.Instance;

    /// <summary>The value of a field that can be selected by; null where the kind has no such selectable field. <c>metadata.name</c> and <c>metadata.namespace</c> are generic.</summary>
    public virtual string? SelectableField(EncodedObject item, string field) => null;

    /// <summary>The fields that can be selected by, beside <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public virtual IReadOnlyList<string> SelectableFields => [];

    /// <summary>
    /// How long a deletion waits for whoever runs the object: null where it does not wait (most kinds). What it returns becomes
    /// <c>deletionGracePeriodSeconds</c>; 0 deletes at once.
    /// </summary>
    public virtual long? GracePeriodSeconds(EncodedObject item, long? requested) => null;

    /// <summary>Marks an object whose deletion has begun and which something still holds back, beyond what metadata says.</summary>
    public virtual void PrepareForDelete(JsonObject item)
    {
    }

    /// <summary>Whether nothing but <c>metadata.finalizers</c> holds a deleted object back.</summary>
    public virtual bool MayBeRemoved(JsonObject item) => true;

    /// <summary>Whether a deletion answers with the object as it last was, rather than with a <c>Status</c>.</summary>
    public virtual bool ReturnsDeletedObject => false;

    /// <summary>The selectable field that watches are indexed by, for a kind that many clients watch a small part of each; null for none.</summary>
    public virtual string? IndexedField => null;

    /// <summary>Whether a PUT to a name that does not exist makes the object.</summary>
    public virtual bool AllowsCreateOnUpdate => false;

    /// <summary>Whether an update may leave out <c>resourceVersion</c>.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>What happens to dependents when a deletion does not say: <c>background</c> unless a kind says <c>orphan</c>.</summary>
    public virtual bool OrphansByDefault => false;

    /// <summary>The metadata, beside annotations, that a write of the status may change too.</summary>
    public virtual IReadOnlyList<string> MetadataOfStatus => [];

    /// <summary>Whether a spec change counts up <c>metadata.generation</c>.</summary>
    public virtual bool HasGeneration => true;

    /// <summary>Whether who makes an object may say its status in the same breath.</summary>
    public virtual bool TakesStatusOnCreate => false;

    /// <summary>Whether an object has a <c>status</c> before anybody wrote one: upstream's types have room for it, custom ones do not.</summary>
    public virtual bool HasStatusFromStart => true;

    /// <summary>Whether strategic merge patches are taken: only types that are built in say how their lists are merged.</summary>
    public virtual bool AllowsStrategicMerge => true;

    /// <summary>Whether a change of <c>status</c> counts as one of the spec: where it is no subresource of its own.</summary>
    public virtual bool SpecIncludesStatus => false;

    /// <summary>Where the <c>scale</c> subresource finds its numbers; null for the usual places, and for kinds without it.</summary>
    public virtual ScalePaths? Scale => null;
}

/// <summary>Where an object has what its <c>scale</c> says, as the names on the way there.</summary>
/// <param name="SpecReplicas">The replicas that are wanted.</param>
/// <param name="StatusReplicas">The replicas that there are.</param>
/// <param name="Selector">The label selector of the replicas' pods, as text; null where nothing says it.</param>
public sealed record ScalePaths(IReadOnlyList<string> SpecReplicas, IReadOnlyList<string> StatusReplicas, IReadOnlyList<string>? Selector);

/// <summary>Who writes, and how.</summary>
/// <param name="User">The authenticated user.</param>
/// <param name="Now">The time of the write.</param>
/// <param name="DryRun">Whether nothing is stored.</param>
public sealed record WriteContext(UserInfo User, DateTimeOffset Now, bool DryRun);
