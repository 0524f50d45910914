using System.Globalization;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;
using Kybernet.Controllers.Deployments;

namespace Kybernet.Controllers.History;

/// <summary>Keeps the former templates of one workload as ControllerRevisions, numbered in the order in which they were last in use.</summary>
/// <param name="client">The API server.</param>
/// <param name="cache">The revisions that are known.</param>
/// <param name="owner">The workload.</param>
/// <param name="selector">What its revisions' labels match.</param>
/// <param name="hashLabel">The label that a revision carries the hash of its template under.</param>
internal sealed class RevisionHistory<TOwner>(ApiClient client, ILister<ControllerRevision> cache, TOwner owner, Selector selector, string hashLabel)
    where TOwner : class, IResourceObject<TOwner>
{
    /// <summary>The revisions, eldest first.</summary>
    public List<ControllerRevision> Revisions { get; private set; } = [];

    /// <summary>How often a name that was made from a template's hash was taken by another template.</summary>
    public int Collisions { get; private set; }

    /// <summary>Finds the workload's revisions, those that nobody manages and that match included.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var candidates = cache.ManagedBy(owner.Metadata.Uid!).Concat(cache.Unmanaged(owner.Metadata.Namespace ?? ""));
        Revisions = await new Claims<TOwner, ControllerRevision>(client, owner, selector.Matches).ClaimAsync(candidates, cancellationToken);
        Sort();
    }

    /// <summary>The revision of a template: the latest, a former one that becomes the latest again, or a new one.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<ControllerRevision> TakeAsync(PodTemplateSpec template, int? collisions, CancellationToken cancellationToken)
    {
        Collisions = collisions ?? 0;
        var next = Revisions.Count == 0 ? 1 : Revisions[^1].Revision + 1;
        var wanted = Describe(template, next);
        if (Revisions.FindLast(known => TemplateRevision.Same(known, wanted)) is not { } same)
        {
            var made = await CreateAsync(wanted, template, cancellationToken);
            Revisions.Add(made);
            return made;
        }
        if (ReferenceEquals(same, Revisions[^1]))
        {
            return same;
        }
        var renumbered = await client.UpdateAsync(same with { Revision = next }, cancellationToken);
        Revisions[Revisions.IndexOf(same)] = renumbered;
        Sort();
        return renumbered;
    }

    /// <summary>Deletes the eldest revisions beyond a limit, of those that are not in use.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task TruncateAsync(Func<ControllerRevision, bool> isLive, int limit, CancellationToken cancellationToken)
    {
        var idle = Revisions.Where(revision => !isLive(revision)).ToList();
        foreach (var revision in idle.Take(idle.Count - limit))
        {
            await client.DeleteAsync<ControllerRevision>(revision.Metadata.Namespace!, revision.Metadata.Name!, DeleteOptions.Empty, cancellationToken);
        }
    }

    private void Sort() => Revisions = [.. Revisions
        .OrderBy(static revision => revision.Revision)
        .ThenBy(static revision => revision.Metadata.CreationTimestamp)
        .ThenBy(static revision => revision.Metadata.Name, StringComparer.Ordinal)];

    private ControllerRevision Describe(PodTemplateSpec template, long number)
    {
        var hash = TemplateHash.Of(template, Collisions == 0 ? null : Collisions);
        return new ControllerRevision
        {
            Metadata = new ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{owner.Metadata.Name}-{hash}"),
                Namespace = owner.Metadata.Namespace,
                Labels = new Dictionary<string, string>(template.Metadata.Labels, StringComparer.Ordinal) { [hashLabel] = hash },
                Annotations = owner.Metadata.Annotations,
                OwnerReferences = [OwnerReferences.ControllerOf(owner)],
            },
            Data = TemplateRevision.Data(template),
            Revision = number,
        };
    }

    private async Task<ControllerRevision> CreateAsync(ControllerRevision wanted, PodTemplateSpec template, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await client.CreateAsync(wanted, cancellationToken);
            }
            catch (ApiException exception) when (exception.IsAlreadyExists)
            {
                var namesake = await client.GetAsync<ControllerRevision>(wanted.Metadata.Namespace!, wanted.Metadata.Name!, cancellationToken);
                if (namesake.Metadata.IsControlledBy(owner) && TemplateRevision.Same(namesake, wanted))
                {
                    return namesake; // ours: only the cache does not show it yet
                }
                Collisions++;
                wanted = Describe(template, wanted.Revision);
            }
        }
    }
}
