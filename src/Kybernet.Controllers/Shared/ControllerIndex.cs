using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>Finds what an object manages, and what nobody does.</summary>
internal static class ControllerIndex
{
    private const string Name = "controller";

    public static void Add<T>(IInformer<T> informer)
        where T : class, IResourceObject<T> => informer.AddIndex(Name, static item => [item.Metadata.Controller()?.Uid ?? Orphans(item.Metadata.Namespace ?? "")]);

    /// <summary>The objects that an owner of that uid manages.</summary>
    public static IReadOnlyList<T> ManagedBy<T>(this ILister<T> lister, string uid)
        where T : class, IResourceObject<T> => lister.ByIndex(Name, uid);

    /// <summary>The objects of a namespace that nobody manages.</summary>
    public static IReadOnlyList<T> Unmanaged<T>(this ILister<T> lister, string @namespace)
        where T : class, IResourceObject<T> => lister.ByIndex(Name, Orphans(@namespace));

    private static string Orphans(string @namespace) => "none in " + @namespace;
}
