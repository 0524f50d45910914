using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Tests.Authorization;

/// <summary>Objects of every resource, set and removed by the test.</summary>
internal sealed class FakeFeeds : IObjectFeeds
{
    private readonly Dictionary<GroupResource, Feed> _feeds = [];

    public IObjectFeed Of(GroupResource resource) => FeedOf(resource);

    public void Set<T>(T model)
        where T : class, IResourceObject<T> => FeedOf(T.Resource.GroupResource).Set(EncodedObject.From(model));

    public void Remove<T>(string @namespace, string name)
        where T : class, IResourceObject<T> => FeedOf(T.Resource.GroupResource).Remove(new NamespacedName(@namespace, name));

    private Feed FeedOf(GroupResource resource)
    {
        if (!_feeds.TryGetValue(resource, out var feed))
        {
            _feeds[resource] = feed = new Feed();
        }
        return feed;
    }

    private sealed class Feed : IObjectFeed
    {
        private readonly Dictionary<NamespacedName, EncodedObject> _items = [];
        private readonly List<IObjectObserver> _observers = [];

        public EncodedObject? Find(string @namespace, string name) => _items.GetValueOrDefault(new NamespacedName(@namespace, name));

        public IDisposable Subscribe(IObjectObserver observer)
        {
            foreach (var item in _items.Values)
            {
                observer.OnChanged(item);
            }
            _observers.Add(observer);
            return new Subscription(() => _observers.Remove(observer));
        }

        public void Set(EncodedObject item)
        {
            _items[item.Key] = item;
            _observers.ForEach(observer => observer.OnChanged(item));
        }

        public void Remove(NamespacedName key)
        {
            if (_items.Remove(key, out var item))
            {
                _observers.ForEach(observer => observer.OnDeleted(item));
            }
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
